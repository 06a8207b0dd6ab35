using System.Net;
using System.Text.Json.Serialization;
using FastGate.Fleet;

namespace FastGate.Flight;

/// <summary>
/// How one connection failed, needed a fallback, or ended. Holds header names, never their values; the target is made printable by
/// <see cref="FastGate.Protocol.Handshake.HandshakeText"/>.
/// </summary>
internal sealed record ConnectionRecord
{
    /// <summary>Set by <see cref="FlightRecorder"/>; newer records have greater numbers.</summary>
    public long Number { get; set; }

    public required DateTimeOffset At { get; init; }

    [JsonIgnore]
    public Verdict Verdict { get; init; }

    /// <summary>The client, or a proxy before it that is not trusted.</summary>
    [JsonIgnore]
    public EndPoint? Peer { get; init; }

    /// <summary>The address that a peer reports which is no trusted proxy, made printable. Shown in addition to the connected one, never instead of it.</summary>
    [JsonIgnore]
    public string? ForwardedFor { get; init; }

    public string Reason => Verdict.Tag();

    public string RemoteAddress => ForwardedFor is null ? $"{Peer}" : $"{Peer} for {ForwardedFor}";

    public string Target { get; init; } = "";

    public IReadOnlyList<string> HeaderNames { get; init; } = [];

    public IReadOnlyList<HandshakeSourceOutcome> Sources { get; init; } = [];

    /// <summary>The device id, if the handshake got far enough to have one.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The source of that id.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the violated rule, or of the end reason when the connection ended before an answer.</summary>
    public string? Error { get; init; }

    /// <summary>Name of the reason why the credential was refused.</summary>
    public string? Auth { get; init; }

    /// <summary>Details: which ban, the age of a token, the byte at which a request stopped.</summary>
    public string? Detail { get; init; }

    /// <summary>HTTP status of the answer; 101 for an upgraded connection, 0 when no answer was sent.</summary>
    public int Status { get; init; }

    /// <summary>Tag of the end reason of an upgraded connection.</summary>
    public string? EndReason { get; init; }

    /// <summary>Time from the accept, or from the upgrade of an upgraded connection, to the record.</summary>
    public long ElapsedMs { get; init; }

    /// <summary>Time since the last message of an upgraded connection.</summary>
    public long? SilentMs { get; init; }

    public LocalText Remedy => Verdict.Text().Remedy;

    /// <summary>Whether a handshake failed or used a fallback; not so for ended devices and for requests of others.</summary>
    [JsonIgnore]
    public bool IsHandshake => Verdict.IsHandshake();

    /// <summary>Each source with its outcome, for the log line about an automatic id.</summary>
    public string DescribeSources() => string.Join(", ", Sources.Select(static source => $"{source.Source}: {source.Outcome}"));

    public bool IsOf(AddressRange range) => (Peer is IPEndPoint peer && range.Contains(peer.Address)) || (ForwardedFor is { } forwarded && HasOne(forwarded, range));

    /// <summary>A proxy may report a list of addresses.</summary>
    private static bool HasOne(string forwarded, AddressRange range)
    {
        foreach (Range part in forwarded.AsSpan().Split(','))
        {
            if (IPAddress.TryParse(forwarded.AsSpan(part).Trim(), out IPAddress? client) && range.Contains(client))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// Outcome of one source of the device id. <paramref name="Id"/> is set when the source had a valid id, so that a report shows which sources
/// disagree.
/// </summary>
internal sealed record HandshakeSourceOutcome(string Source, string Outcome, string? Id = null);
