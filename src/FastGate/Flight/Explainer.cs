using System.Net;
using FastGate.Fleet;
using FastGate.Protocol.Identity;

namespace FastGate.Flight;

/// <summary>
/// Finds the verdict on a device or an address: the present state first, then the newest record, then what else is known. Off the hot path; any thread.
/// </summary>
internal sealed class Explainer(FlightRecorder recorder, FleetRecords fleet, IConnectedDevices devices, TimeProvider time)
{
    private const int Shown = 20;
    private const int MostSimilar = 10;

    /// <summary>This many replacements of a connected device within the time below mean that two devices share its id.</summary>
    private const int SharedAfter = 3;

    private static readonly TimeSpan s_sharedWithin = TimeSpan.FromHours(1);

    /// <summary>A failure goes before later records of information for so long.</summary>
    private static readonly TimeSpan s_stillMatters = TimeSpan.FromMinutes(10);

    public Explanation OfDevice(string text)
    {
        string id = DeviceIdentity.Normalize(text) ?? text;
        IReadOnlyList<ConnectionRecord> records = recorder.Newest(int.MaxValue, record => IsOf(record, id));
        DateTimeOffset? since = devices.ConnectedSince(id);
        Ban? ban = fleet.Bans.Find(id);
        int replaced = records.Count(record => record.Verdict is Verdict.Replaced or Verdict.Duplicate && time.GetUtcNow() - record.At < s_sharedWithin);
        ConnectionRecord? newest = Decisive(records);
        ProfileSnapshot? profile = fleet.Profiles.Find(id);
        Explanation explanation = ban is not null ? Of(id, Verdict.Banned) with { At = ban.At, Detail = HandshakeRecords.Describe(ban) }
            : replaced >= SharedAfter ? Of(id, Verdict.SharedId) with { At = records[0].At, Detail = $"{replaced} times in the last hour" }
            : since is not null ? Of(id, Verdict.Connected) with { At = since }
            : newest is not null ? Of(id, newest.Verdict) with { At = newest.At, Detail = DetailOf(newest) }
            : profile is { LastEnds: [var end, ..] } ? Of(id, Verdict.Left) with { At = end.At, Detail = end.Reason }
            : profile is not null ? Of(id, Verdict.OtaOnly) with { At = profile.ReportedAt }
            : Of(id, Verdict.NeverSeen);
        return With(explanation, records) with { ConnectedSince = since, Similar = SimilarTo(id) };
    }

    public Explanation OfAddress(IPAddress address)
    {
        IReadOnlyList<ConnectionRecord> records = recorder.Newest(int.MaxValue, record => record.IsOf(address));
        ConnectionRecord? newest = Decisive(records);
        int connected = devices.CountFrom(address);
        string subject = address.ToString();
        Explanation explanation = fleet.Bans.Find(new IPEndPoint(address, 0)) is { } ban
            ? Of(subject, Verdict.Banned) with { At = ban.At, Detail = HandshakeRecords.Describe(ban) }
            : newest is not null ? Of(subject, newest.Verdict) with { At = newest.At, Detail = DetailOf(newest) }
            : connected > 0 ? Of(subject, Verdict.Connected)
            : Of(subject, Verdict.NeverSeen);
        return With(explanation, records) with { ConnectedDevices = connected };
    }

    private static Explanation Of(string subject, Verdict verdict)
    {
        VerdictText text = verdict.Text();
        return new Explanation(subject, verdict.Tag(), text.Summary, text.Remedy);
    }

    private static string? DetailOf(ConnectionRecord record) => record.Detail ?? record.EndReason;

    private Explanation With(Explanation explanation, IReadOnlyList<ConnectionRecord> records) => explanation with
    {
        Reasons = records.GroupBy(static record => record.Reason).ToDictionary(static group => group.Key, static group => group.Count()),
        Records = records.Count > 0 ? [.. records.Take(Shown)] : recorder.Newest(Shown, static record => record.DeviceId is null && record.Verdict != Verdict.HealthCheck),
    };

    /// <summary>A device without a right id is upgraded anyway: then the end of its connection says less than the record of its id.</summary>
    private static ConnectionRecord? Decisive(IReadOnlyList<ConnectionRecord> records) => Newest(records) is { } newest
        ? records.FirstOrDefault(record => record.Verdict is Verdict.IdMissing or Verdict.IdRefused or Verdict.IdConflict && Equals(record.Peer, newest.Peer)) ?? newest
        : null;

    /// <summary>The newest record, or a failure shortly before it: a health check or a normal end says less.</summary>
    private static ConnectionRecord? Newest(IReadOnlyList<ConnectionRecord> records) => records is not [var first, ..] ? null
        : !first.Verdict.IsInformation() ? first
        : records.TakeWhile(record => first.At - record.At < s_stillMatters).FirstOrDefault(static record => !record.Verdict.IsInformation()) ?? first;

    private static bool IsOf(ConnectionRecord record, string id) => record.DeviceId == id || record.Sources.Any(source => source.Id == id);

    private List<string> SimilarTo(string id)
    {
        IEnumerable<string> known = devices.Ids.Concat(recorder.Newest(int.MaxValue, static record => record.DeviceId is not null).Select(static record => record.DeviceId!));
        return [.. known.Where(other => other != id && IsSimilar(other, id)).Distinct().Take(MostSimilar)];
    }

    /// <summary>Whether the letters and digits of both are the same.</summary>
    private static bool IsSimilar(string one, string other)
    {
        int i = 0, j = 0;
        while (true)
        {
            while (i < one.Length && !char.IsAsciiLetterOrDigit(one[i]))
            {
                i++;
            }

            while (j < other.Length && !char.IsAsciiLetterOrDigit(other[j]))
            {
                j++;
            }

            if (i == one.Length || j == other.Length)
            {
                return i > 0 && i == one.Length && j == other.Length;
            }

            if (char.ToLowerInvariant(one[i++]) != char.ToLowerInvariant(other[j++]))
            {
                return false;
            }
        }
    }
}
