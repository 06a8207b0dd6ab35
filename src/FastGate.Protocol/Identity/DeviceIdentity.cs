using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Identity;

/// <summary>Identity of a device: ids, credential and audio framing, read from query and headers.</summary>
/// <remarks>
/// Device id: query (<c>device-id</c>, <c>device_id</c>), then headers (<c>device-id</c>, <c>device_id</c>, <c>x-device-id</c>,
/// <c>x-device_id</c>), then header client ids, then <c>auto-</c> and eight hexadecimal digits. Client id: query, headers, else the device
/// id. A source that is empty or refused gives way to the next, and its <see cref="Outcome"/> says why. All spans point into the request or
/// into the caller's scratch and die with them.
/// </remarks>
public readonly ref struct DeviceIdentity
{
    /// <summary>Most bytes of an id, once white space and quotes are gone.</summary>
    public const int MaxIdLength = 128;

    /// <summary>Length of a generated id: <c>auto-</c> and eight hexadecimal digits.</summary>
    public const int GeneratedIdLength = 13;

    private readonly ulong _outcomes;

    internal DeviceIdentity(scoped in IdentityReader reader)
    {
        DeviceId = reader.DeviceId;
        RawDeviceId = reader.RawDeviceId;
        DeviceSource = reader.DeviceSource;
        ClientId = reader.ClientId;
        RawClientId = reader.RawClientId;
        ClientSource = reader.ClientSource;
        BearerToken = reader.BearerToken;
        BearerTokenSource = reader.BearerTokenSource;
        RepeatsDisagree = reader.RepeatsDisagree;
        FromMqttGateway = reader.FromMqttGateway;
        ProtocolVersion = reader.ProtocolVersion;
        _outcomes = reader.Outcomes;
    }

    /// <summary>The device id: trimmed, unquoted, ASCII letters in lower case; 1 to <see cref="MaxIdLength"/> bytes of UTF-8.</summary>
    public ReadOnlySpan<byte> DeviceId { get; }

    /// <summary>The device id as received, only percent-decoded: what a token may have been computed over.</summary>
    public ReadOnlySpan<byte> RawDeviceId { get; }

    /// <summary>Which source gave the device id.</summary>
    public IdentitySource DeviceSource { get; }

    /// <summary>The client id, in the form of <see cref="DeviceId"/>.</summary>
    public ReadOnlySpan<byte> ClientId { get; }

    /// <summary>The client id as received, only percent-decoded.</summary>
    public ReadOnlySpan<byte> RawClientId { get; }

    /// <summary>Which source gave the client id; <see cref="IdentitySource.DeviceId"/> when none did.</summary>
    public IdentitySource ClientSource { get; }

    /// <summary>What follows <c>Bearer </c> in the header or else in the query; empty when there is none. A secret: never log it.</summary>
    public ReadOnlySpan<byte> BearerToken { get; }

    /// <summary>Where <see cref="BearerToken"/> came from.</summary>
    public BearerTokenSource BearerTokenSource { get; }

    /// <summary>The binary protocol of <c>Protocol-Version</c>: 1, 2 or 3; 1 when absent or anything else.</summary>
    public int ProtocolVersion { get; }

    /// <summary>True for <c>from=mqtt_gateway</c> in the query: binary messages then have the MQTT gateway's header.</summary>
    public bool FromMqttGateway { get; }

    /// <summary>True when nothing named the device and the id was made up.</summary>
    public bool IsGenerated => DeviceSource == IdentitySource.Generated;

    /// <summary>True when one and the same source came more than once with different ids; the first counts.</summary>
    public bool RepeatsDisagree { get; }

    /// <summary>True when any source says something else than the winner.</summary>
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

    /// <summary>What became of <paramref name="source"/>; <see cref="IdentityOutcome.Absent"/> for the last two members, which are no sources of the request.</summary>
    public IdentityOutcome Outcome(IdentitySource source) =>
        source < IdentitySource.DeviceId ? (IdentityOutcome)((_outcomes >> ((int)source * 4)) & 0xF) : IdentityOutcome.Absent;

    /// <summary>Scratch that <see cref="Read"/> needs for any request within <paramref name="limits"/>: 2.5 KiB with the defaults.</summary>
    public static int ScratchLength(HandshakeLimits limits) => limits.RequestLine + IdentityReader.ScratchBeyondQuery;

    /// <summary>Gathers the identity. Budget: no allocation (AllocationTests).</summary>
    /// <param name="request">A request whose parser said Done.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> bytes; must live and stay unchanged as long as the result.</param>
    /// <param name="generated">A random number: becomes the id when nothing names the device.</param>
    /// <exception cref="ArgumentException">The scratch is too short.</exception>
    public static DeviceIdentity Read(scoped in HandshakeRequest request, Span<byte> scratch, uint generated)
    {
        var reader = new IdentityReader(scratch);
        reader.Read(in request, generated);
        return new DeviceIdentity(in reader);
    }

    /// <summary>
    /// Normalises an id from configuration or an operator to the form of <see cref="DeviceId"/>. Null when it is no valid id. Off the hot path: it
    /// allocates.
    /// </summary>
    /// <param name="id">The id as it was written.</param>
    public static string? Normalize(string id) => IdentityText.Normalize(Encoding.UTF8.GetBytes(id));

    /// <summary>
    /// What one source alone says, as text for diagnostics: off the hot path, it allocates. Null unless the source is usable.
    /// </summary>
    /// <param name="request">The request that <see cref="Read"/> was given.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> bytes, other than those the identity lives in.</param>
    /// <param name="source">The source to look at.</param>
    public static string? ReadOne(in HandshakeRequest request, Span<byte> scratch, IdentitySource source) =>
        IdentityReader.ReadOne(in request, scratch, source);
}
