using System.Collections.Frozen;
using System.Text.Json;

namespace FastGate.Flight;

/// <summary>Tag and texts of each <see cref="Verdict"/>. The texts are by the part of a connection's life: request, device, end.</summary>
internal static partial class VerdictTexts
{
    private static readonly FrozenDictionary<Verdict, string> s_tags =
        Enum.GetValues<Verdict>().ToFrozenDictionary(static verdict => verdict, static verdict => JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString()));

    private static FrozenDictionary<Verdict, VerdictText>? s_texts;

    /// <summary>The name in the API, such as <c>tls_on_plain_port</c>.</summary>
    public static string Tag(this Verdict verdict) => s_tags[verdict];

    public static VerdictText Text(this Verdict verdict) => (s_texts ??= Create())[verdict];

    /// <summary>Not a failure of a device: left out of the list of handshakes, and ranked behind every other verdict of the same subject.</summary>
    public static bool IsInformation(this Verdict verdict) => verdict is
        Verdict.HealthCheck or Verdict.PlainHttp or Verdict.WrongPath or Verdict.NothingSent or Verdict.Draining or Verdict.Left or Verdict.SessionEnded or Verdict.Moved;

    /// <summary>A handshake that failed or used a fallback; not so for ended devices and for requests of others.</summary>
    public static bool IsHandshake(this Verdict verdict) => verdict <= Verdict.LeftDuringRequest && !verdict.IsInformation();

    private static FrozenDictionary<Verdict, VerdictText> Create() =>
        OfRequests().Concat(OfDevices()).Concat(OfEnds()).ToFrozenDictionary(static text => text.Key, static text => text.Value);

    private static KeyValuePair<Verdict, VerdictText> Of(Verdict verdict, string summaryEn, string summaryZh, string remedyEn, string remedyZh) =>
        new(verdict, new VerdictText(new LocalText(summaryEn, summaryZh), new LocalText(remedyEn, remedyZh)));
}
