using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.Flight;
using FastGate.Http.Server;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>
/// Makes one explanation of those of all nodes: that of the node which has the device, else that of the node which saw it last. They are documents and
/// not objects, because nodes may have different versions.
/// </summary>
internal static class NodeExplanations
{
    private const string Similar = "similar";
    private const string ConnectedDevices = "connectedDevices";

    /// <summary>Count before all others, in this order: they say what the device or the address is now.</summary>
    private static readonly string[] s_present = [Verdict.Banned.Tag(), Verdict.SharedId.Tag(), Verdict.Connected.Tag()];

    /// <summary>Count after all others, in this order: a record of a connection says more.</summary>
    private static readonly string[] s_weak = [Verdict.OtaOnly.Tag(), Verdict.NeverSeen.Tag()];

    public static AdminAnswer Combine(IReadOnlyList<AdminAnswer> answers, IReadOnlyList<string> problems)
    {
        JsonObject[] all = [.. answers.Select(static answer => JsonNode.Parse(answer.Body.Span)!.AsObject())];
        JsonObject chosen = all.OrderBy(Rank).ThenByDescending(At).First();
        string[] similar = [.. all.SelectMany(static one => one[Similar]?.AsArray() ?? []).Select(static id => (string)id!).Distinct()];
        int[] connected = [.. all.Select(static one => (int?)one[ConnectedDevices]).OfType<int>()];
        chosen[Similar] = ArrayOf(similar);
        if (connected.Length > 0)
        {
            chosen[ConnectedDevices] = connected.Sum();
        }

        if (problems.Count > 0)
        {
            chosen["problems"] = ArrayOf(problems);
        }

        return new AdminAnswer(StatusCodes.Status200OK, JsonReply.ContentType, Encoding.UTF8.GetBytes(chosen.ToJsonString()));
    }

    private static int Rank(JsonObject explanation)
    {
        string? verdict = (string?)explanation["verdict"];
        return Array.IndexOf(s_present, verdict) is >= 0 and int first ? first : s_present.Length + Array.IndexOf(s_weak, verdict) + 1;
    }

    private static DateTimeOffset At(JsonObject explanation) =>
        DateTimeOffset.TryParse((string?)explanation["at"], CultureInfo.InvariantCulture, out DateTimeOffset at) ? at : DateTimeOffset.MinValue;

    private static JsonArray ArrayOf(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode)text)];
}
