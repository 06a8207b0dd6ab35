using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>An identity with text instead of spans, so that a test can keep it.</summary>
internal sealed record Identities(
    string Device,
    string RawDevice,
    IdentitySource DeviceSource,
    string Client,
    string RawClient,
    IdentitySource ClientSource,
    string Token,
    int ProtocolVersion,
    bool FromMqttGateway,
    bool HasDisagreement,
    bool RepeatsDisagree,
    IReadOnlyDictionary<IdentitySource, IdentityOutcome> Outcomes)
{
    public const uint Generated = 0x00ABCDEF;

    /// <summary>Reads the identity of a request with this query (null for none) and these header lines.</summary>
    public static Identities Of(string? query, params string[] headers) =>
        OfRequest("GET /xiaozhi/v1/" + (query is null ? "" : "?" + query) + " HTTP/1.1\r\n" + string.Concat(headers.Select(h => h + "\r\n")) + "\r\n");

    public static Identities OfRequest(string text)
    {
        byte[] bytes = Requests.Bytes(text);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(System.Buffers.OperationStatus.Done, parser.Parse(bytes, out _));
        HandshakeRequest request = parser.GetRequest(bytes);

        // Dirty, and of the documented length.
        byte[] scratch = new byte[DeviceIdentity.ScratchLength(HandshakeLimits.Default)];
        scratch.AsSpan().Fill((byte)'?');
        var identity = DeviceIdentity.Read(in request, scratch, Generated);
        var outcomes = new Dictionary<IdentitySource, IdentityOutcome>();
        foreach (IdentitySource source in Enum.GetValues<IdentitySource>())
        {
            if (identity.Outcome(source) != IdentityOutcome.Absent)
            {
                outcomes[source] = identity.Outcome(source);
            }
        }

        return new Identities(
            Requests.Text(identity.DeviceId),
            Requests.Text(identity.RawDeviceId),
            identity.DeviceSource,
            Requests.Text(identity.ClientId),
            Requests.Text(identity.RawClientId),
            identity.ClientSource,
            Requests.Text(identity.BearerToken),
            identity.ProtocolVersion,
            identity.FromMqttGateway,
            identity.HasDisagreement,
            identity.RepeatsDisagree,
            outcomes);
    }
}
