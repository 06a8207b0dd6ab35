using FastGate.Diagnostics;

namespace FastGate.Fleet;

/// <summary>
/// What the gateway remembers about one device beyond its connection: firmware and board, the last turns and the last ends. Guarded by the lock of its
/// shard in <see cref="DeviceProfiles"/>.
/// </summary>
internal sealed class DeviceProfile
{
    public const int Kept = 5;

    private TurnTimes[]? _turns;
    private DeviceEnd[]? _ends;

    /// <summary>A report that says the same is saved once in this time, so that devices in use are not the oldest that are saved.</summary>
    private static readonly TimeSpan s_saveAgainAfter = TimeSpan.FromDays(1);

    public string? Firmware { get; private set; }

    public string? Board { get; private set; }

    public DateTimeOffset? ReportedAt { get; private set; }

    private DateTimeOffset? SavedAt { get; set; }

    public int Turns { get; private set; }

    public int FailedTurns { get; private set; }

    public int CancelledTurns { get; private set; }

    public int Ends { get; private set; }

    /// <summary>True when the report should be saved.</summary>
    public bool Report(in DeviceKind kind)
    {
        bool isNews = Firmware != kind.Firmware || Board != kind.Board || SavedAt is not { } saved || kind.ReportedAt - saved >= s_saveAgainAfter;
        (Firmware, Board, ReportedAt) = (kind.Firmware, kind.Board, kind.ReportedAt);
        if (isNews)
        {
            SavedAt = kind.ReportedAt;
        }

        return isNews;
    }

    public void Restore(in DeviceKind kind)
    {
        if (ReportedAt is null)
        {
            (Firmware, Board, ReportedAt, SavedAt) = (kind.Firmware, kind.Board, kind.ReportedAt, kind.ReportedAt);
        }
    }

    public void Add(in TurnTimes turn, bool failed, bool cancelled)
    {
        Put(ref _turns, Turns++, turn);
        FailedTurns += failed ? 1 : 0;
        CancelledTurns += cancelled ? 1 : 0;
    }

    public void Add(in DeviceEnd end) => Put(ref _ends, Ends++, end);

    public ProfileSnapshot Read() => new(
        Firmware, Board, ReportedAt, new TurnCounts(Turns, FailedTurns, CancelledTurns), Ends, Newest(_turns, Turns), Newest(_ends, Ends));

    /// <summary>The ring grows by one place at a time, because most devices of a churn have one turn and one end, and there may be very many.</summary>
    private static void Put<T>(ref T[]? ring, int count, in T value)
    {
        if (count < Kept)
        {
            Array.Resize(ref ring, count + 1);
        }

        ring![count % Kept] = value;
    }

    private static T[] Newest<T>(T[]? ring, int count)
    {
        var newest = new T[Math.Min(count, Kept)];
        for (int i = 0; i < newest.Length; i++)
        {
            newest[i] = ring![(count - 1 - i) % Kept];
        }

        return newest;
    }
}
