using System.Text;
using FastGate.Fleet;

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

    /// <summary>The last verdict is known to four seconds only.</summary>
    private static readonly TimeSpan s_sameTime = TimeSpan.FromSeconds(10);

    public Explanation OfDevice(string text)
    {
        var subject = new DeviceSubject(text);
        string id = subject.Id;
        IReadOnlyList<ConnectionRecord> records = recorder.Newest(int.MaxValue, subject.Has);
        DateTimeOffset? since = devices.ConnectedSince(id);
        Ban? ban = fleet.Bans.Find(id);
        int replaced = records.Count(record => record.Verdict is Verdict.Replaced or Verdict.Duplicate && time.GetUtcNow() - record.At < s_sharedWithin);
        ProfileSnapshot? profile = fleet.Profiles.Find(id);
        Explanation explanation = ban is not null ? Of(id, Verdict.Banned) with { At = ban.At, Detail = HandshakeRecords.Describe(ban) }
            : replaced >= SharedAfter ? Of(id, Verdict.SharedId) with { At = records[0].At, Detail = $"{replaced} times in the last hour" }
            : since is not null ? Of(id, Verdict.Connected) with { At = since }
            : OfRecords(id, records, recorder.LastOfDevice(Encoding.UTF8.GetBytes(id))) is { } failed ? failed
            : profile is { LastEnds: [var end, ..] } ? Of(id, Verdict.Left) with { At = end.At, Detail = end.Reason }
            : profile is not null ? Of(id, Verdict.OtaOnly) with { At = profile.ReportedAt }
            : Of(id, Verdict.NeverSeen);
        return With(explanation, records) with { ConnectedSince = since, Similar = SimilarTo(id) };
    }

    public Explanation OfAddresses(AddressRange addresses)
    {
        IReadOnlyList<ConnectionRecord> records = recorder.Newest(int.MaxValue, record => record.IsOf(addresses));
        int connected = devices.CountFrom(addresses);
        string subject = addresses.ToString();
        Explanation explanation = fleet.Bans.Covering(addresses) is { } ban
            ? Of(subject, Verdict.Banned) with { At = ban.At, Detail = HandshakeRecords.Describe(ban) }
            : OfRecords(subject, records, addresses.IsSingle ? recorder.LastOfAddress(addresses.First) : null)
            ?? Of(subject, connected > 0 ? Verdict.Connected : Verdict.NeverSeen);
        return With(explanation, records) with { ConnectedDevices = connected };
    }

    private static Explanation Of(string subject, Verdict verdict)
    {
        VerdictText text = verdict.Text();
        return new Explanation(subject, verdict.Tag(), text.Summary, text.Remedy);
    }

    /// <summary>The decisive record, or the last verdict when a flood left no room for its record. Null when nothing is known.</summary>
    private Explanation? OfRecords(string subject, IReadOnlyList<ConnectionRecord> records, (Verdict Verdict, TimeSpan Age)? last)
    {
        ConnectionRecord? decisive = Decisive(records);
        DateTimeOffset? lastAt = time.GetUtcNow() - last?.Age;
        bool isNewer = decisive is null || (last?.Verdict.IsInformation() == false && last?.Verdict != decisive.Verdict && lastAt - records[0].At > s_sameTime);
        return last is { } known && isNewer ? Of(subject, known.Verdict) with { At = lastAt, Detail = "its record was not kept, because there were many with this verdict" }
            : decisive is not null ? Of(subject, decisive.Verdict) with { At = decisive.At, Detail = decisive.Detail ?? decisive.EndReason }
            : null;
    }

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
