using System.Net;

namespace FastGate.Flight;

/// <summary>One trace: its subject, its end, and its newest lines in a ring. Any thread; the lock is held for a few instructions, and only traced connections take it.</summary>
internal sealed class Trace(long id, string? device, IPAddress? address, DateTimeOffset until)
{
    public const int KeptLines = 1_024;

    /// <summary>Lines of one read: a slow reader holds at most so many beside the ring.</summary>
    public const int MaxRead = 64;

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly string[] _lines = new string[KeptLines];
    private long _next;
    private volatile bool _ended;

    public long Id => id;

    public string? Device => device;

    public IPAddress? Address => address;

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

    public bool Matches(string deviceId, EndPoint? peer) => device is not null ? deviceId == device : peer is IPEndPoint { Address: var source } && Same(source, address!);

    public bool Matches(ConnectionRecord record) => device is not null ? record.DeviceId == device : record.IsOf(address!);

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
                lines.Add($$"""{"direction":"event","kind":"lines_missed","count":{{oldest - position}}}""");
                position = oldest;
            }

            for (long end = Math.Min(_next, position + MaxRead); position < end; position++)
            {
                lines.Add(_lines[position % KeptLines]);
            }

            return lines;
        }
    }

    private static bool Same(IPAddress one, IPAddress other) =>
        (one.IsIPv4MappedToIPv6 ? one.MapToIPv4() : one).Equals(other.IsIPv4MappedToIPv6 ? other.MapToIPv4() : other);
}
