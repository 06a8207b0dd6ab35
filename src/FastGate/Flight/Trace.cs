using System.Text;
using FastGate.Fleet;

namespace FastGate.Flight;

/// <summary>One trace: its subject, its end, and its newest lines in a ring. Any thread; the lock is held for a few instructions, and only traced connections take it.</summary>
internal sealed class Trace(long id, string? device, AddressRange? addresses, DateTimeOffset until)
{
    public const int KeptLines = 1_024;

    /// <summary>Lines of one read: a slow reader holds at most so many beside the ring.</summary>
    public const int MaxRead = 64;

    private readonly Lock _lock = new();
    private readonly byte[]? _deviceUtf8 = device is null ? null : Encoding.UTF8.GetBytes(device);

    // Guarded by the lock.
    private readonly string[] _lines = new string[KeptLines];
    private long _next;
    private volatile bool _ended;

    public long Id => id;

    public string? Device => device;

    public AddressRange? Addresses => addresses;

    public DateTimeOffset Until => until;

    public bool IsEnded => _ended;

    /// <summary>Lines since the start.</summary>
    public long Lines
    {
        get
        {
            lock (_lock)
            {
                return _next;
            }
        }
    }

    /// <summary>In place of lines that a reader does not get.</summary>
    public static string MissedLine(long count) => $$"""{"direction":"event","kind":"lines_missed","count":{{count}}}""";

    /// <param name="deviceId">The normalised id.</param>
    /// <param name="address">As of <see cref="AddressRange.ValueOf"/>.</param>
    public bool Matches(string deviceId, UInt128 address) => device is not null ? deviceId == device : addresses!.Value.Contains(address);

    public bool Matches(ReadOnlySpan<byte> deviceId, UInt128 address) => _deviceUtf8 is not null ? deviceId.SequenceEqual(_deviceUtf8) : addresses!.Value.Contains(address);

    public bool Matches(ConnectionRecord record) => device is not null ? record.DeviceId == device : record.IsOf(addresses!.Value);

    /// <summary>Without effect after the end.</summary>
    public void Add(string line)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _lines[_next++ % KeptLines] = line;
            }
        }
    }

    public void End(string lastLine)
    {
        lock (_lock)
        {
            _lines[_next++ % KeptLines] = lastLine;
            _ended = true;
        }
    }

    /// <summary>
    /// The next lines from <paramref name="position"/> on, which it moves behind them. A reader that was too slow gets a line with the number of lines that it
    /// has missed first.
    /// </summary>
    public IReadOnlyList<string> Read(ref long position)
    {
        lock (_lock)
        {
            List<string> lines = [];
            long oldest = Math.Max(0, _next - KeptLines);
            if (position < oldest)
            {
                lines.Add(MissedLine(oldest - position));
                position = oldest;
            }

            for (long end = Math.Min(_next, position + MaxRead); position < end; position++)
            {
                lines.Add(_lines[position % KeptLines]);
            }

            return lines;
        }
    }
}
