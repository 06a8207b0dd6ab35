using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Identity;

/// <summary>Identity of a device: ids, credential and audio framing, read from the query and the headers.</summary>
/// <remarks>
/// Sources of the device id, in this order: query (<c>device-id</c>, <c>device_id</c>), headers (<c>device-id</c>, <c>device_id</c>,
/// <c>x-device-id</c>, <c>x-device_id</c>), client ids of headers, <c>auto-</c> and eight hexadecimal digits. Sources of the client id: query, headers,
/// the device id. An empty or invalid source is skipped; its <see cref="Outcome"/> says why. All spans are slices of the request or of the
/// caller's scratch and are valid only as long as both.
/// </remarks>
public readonly ref struct DeviceIdentity
{
    /// <summary>Maximum length of an id in bytes, without white space and quotes.</summary>
    public const int MaxIdLength = 128;

    /// <summary>Length of a generated id in bytes: <c>auto-</c> and eight hexadecimal digits.</summary>
    public const int GeneratedIdLength = 13;

    private readonly IdentityReader _read;

    private DeviceIdentity(scoped in IdentityReader read) => _read = read;

    /// <summary>The device id: trimmed, unquoted, ASCII letters in lower case; 1 to <see cref="MaxIdLength"/> bytes of UTF-8.</summary>
    public ReadOnlySpan<byte> DeviceId => _read.Device.Id;

    /// <summary>The device id as received, only percent-decoded: a token may be computed over this form.</summary>
    public ReadOnlySpan<byte> RawDeviceId => _read.Device.Raw;

    /// <summary>The source of the device id.</summary>
    public IdentitySource DeviceSource => _read.Device.Source;

    /// <summary>The client id, normalised like <see cref="DeviceId"/>.</summary>
    public ReadOnlySpan<byte> ClientId => _read.Client.Id;

    /// <summary>The client id as received, only percent-decoded.</summary>
    public ReadOnlySpan<byte> RawClientId => _read.Client.Raw;

    /// <summary>The source of the client id; <see cref="IdentitySource.DeviceId"/> when the request has none.</summary>
    public IdentitySource ClientSource => _read.Client.Source;

    /// <summary>The token after <c>Bearer </c> in the header, else in the query; empty when there is none. A secret: never log it.</summary>
    public ReadOnlySpan<byte> BearerToken => _read.BearerToken;

    /// <summary>Version of the audio framing in <c>Protocol-Version</c>, else in the query: 1, 2 or 3; 1 for any other value.</summary>
    public int ProtocolVersion => _read.ProtocolVersion;

    /// <summary>True for <c>from=mqtt_gateway</c> in the query: binary messages then have the header of the MQTT gateway.</summary>
    public bool FromMqttGateway => _read.FromMqttGateway;

    /// <summary>True when the request has no device id and the id was generated.</summary>
    public bool IsGenerated => DeviceSource == IdentitySource.Generated;

    /// <summary>True when one source was repeated with a different id; the first one counts.</summary>
    public bool RepeatsDisagree => _read.RepeatsDisagree;

    /// <summary>True when any source has a different id than the one in use.</summary>
    public bool HasDisagreement
    {
        get
        {
            for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
            {
                if (Outcome(source) == IdentityOutcome.Disagrees)
                {
                    return true;
                }
            }

            return RepeatsDisagree;
        }
    }

    /// <summary>The outcome of <paramref name="source"/>; <see cref="IdentityOutcome.Absent"/> for the last two members, which are not in a request.</summary>
    public IdentityOutcome Outcome(IdentitySource source) =>
        source < IdentitySource.DeviceId ? (IdentityOutcome)((_read.Outcomes >> ((int)source * 4)) & 0xF) : IdentityOutcome.Absent;

    /// <summary>Scratch in bytes that <see cref="Read"/> needs for any request within <paramref name="limits"/>; 2.25 KiB with the defaults.</summary>
    public static int ScratchLength(HandshakeLimits limits) => limits.RequestLine + IdentityReader.ScratchBeyondQuery;

    /// <summary>Reads the identity of a request. Budget: no allocation; enforced by <c>HandshakeAllocationTests</c>.</summary>
    /// <param name="request">A request whose parser has returned Done.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> bytes, which must not change while the result is in use.</param>
    /// <param name="generated">A random number for a generated id.</param>
    /// <exception cref="ArgumentException">The scratch is too short.</exception>
    public static DeviceIdentity Read(scoped in HandshakeRequest request, Span<byte> scratch, uint generated)
    {
        var reader = new IdentityReader(scratch);
        reader.Read(in request, generated);
        return new DeviceIdentity(in reader);
    }

    /// <summary>
    /// Normalises an id from the configuration or an operator to the form of <see cref="DeviceId"/>. Null when it is not valid. Allocates.
    /// </summary>
    public static string? Normalize(string id) => IdentityText.Normalize(Encoding.UTF8.GetBytes(id));

    /// <summary>
    /// The normalised id of one source, for diagnostics. Null when the source is absent, empty or invalid. Allocates. The scratch has at least
    /// <see cref="ScratchLength"/> bytes and is not the scratch of an identity in use.
    /// </summary>
    public static string? ReadOne(in HandshakeRequest request, Span<byte> scratch, IdentitySource source) =>
        IdentityReader.ReadOne(in request, scratch, source);

    /// <summary>The value of a source that was refused, rendered by <see cref="HandshakeText"/>, for diagnostics. Allocates. Scratch as for <see cref="ReadOne"/>.</summary>
    public static string RenderRefused(in HandshakeRequest request, Span<byte> scratch, IdentitySource source) =>
        HandshakeText.Render(IdentityReader.ValueOf(in request, scratch, source));
}
