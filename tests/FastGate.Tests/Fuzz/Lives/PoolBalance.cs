using System.Diagnostics.Tracing;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>
/// The buffers of the shared array pools that were rented since the start and not returned, of the whole process: no other test may run beside. A buffer that
/// is returned without having been rented since the start is not counted, because it may be older.
/// </summary>
internal sealed class PoolBalance : EventListener
{
    private const string Source = "System.Buffers.ArrayPoolEventSource";
    private const int Rented = 1;
    private const int Returned = 3;

    // The library of TLS rents a buffer for its last alert and never returns it. Its own method may be inlined; this one, which calls it, is not.
    private const int AlertSize = 32;
    private const string AlertMethod = nameof(TlsPipe) + "." + nameof(TlsPipe.EndAsync);

    // The text of a stack is made in pooled buffers, which would be noted with their stack.
    [ThreadStatic]
    private static bool s_isNoting;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Buffer, int Size), string> _rented = [];
    private readonly bool _keepsStacks;

    /// <param name="keepsStacks">Whether to note where each buffer is rented, which is slow: to find a leak that is known.</param>
    public PoolBalance(bool keepsStacks) => _keepsStacks = keepsStacks;

    public int Missing
    {
        get
        {
            lock (_gate)
            {
                return _rented.Count;
            }
        }
    }

    /// <summary>The sizes of the buffers that are missing, and where they were rented if that is known.</summary>
    public string Describe()
    {
        KeyValuePair<(int Buffer, int Size), string>[] missing;
        lock (_gate)
        {
            missing = [.. _rented];
        }

        // Texts are made in pooled buffers too.
        return string.Join('\n', missing.Select(static rent => $"{rent.Key.Size} bytes {rent.Value}"));
    }

    /// <summary>What is missing now is not looked for any more.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _rented.Clear();
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class enables events before the fields of this one are set.
        if (_rented is null || s_isNoting || eventData.EventId is not (Rented or Returned))
        {
            return;
        }

        s_isNoting = true;
        Note(eventData);
        s_isNoting = false;
    }

    private void Note(EventWrittenEventArgs eventData)
    {
        var buffer = ((int)eventData.Payload![0]!, (int)eventData.Payload[1]!);
        bool isRent = eventData.EventId == Rented;
        string where = isRent && (_keepsStacks || buffer.Item2 == AlertSize) ? Environment.StackTrace : "";
        bool isKept = buffer.Item2 == AlertSize && where.Contains(AlertMethod, StringComparison.Ordinal);
        lock (_gate)
        {
            if (isRent && !isKept)
            {
                _rented[buffer] = where;
            }
            else
            {
                _rented.Remove(buffer);
            }
        }
    }
}
