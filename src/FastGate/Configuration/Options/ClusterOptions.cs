using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Several gateways that serve one fleet.</summary>
internal sealed record ClusterOptions : IOptionSection
{
    /// <summary>Redis that the nodes share: `host:port`, and options as in `redis:6379,user=gateway,password=abc,ssl=true`. Without it the gateway is a single node.</summary>
    [Text(4_096, Secret = true)]
    public string? Redis { get; init; }

    /// <summary>Name of this node, which no other node has; without it the host name and the port of the device listener, as in `gw1:8000`.</summary>
    [Name(128)]
    public string? Node { get; init; }

    /// <summary>First part of every key and channel in Redis, so that several clusters can share one.</summary>
    [Name(64)]
    public string Prefix { get; init; } = "fastgate";

    /// <summary>Address of this node's device listener as devices reach it. With it, OTA names the node with the least load; without it, OTA answers as on a single node.</summary>
    [WebSocketUrl]
    public string? Url { get; init; }

    /// <summary>OTA sends devices with one of these tags to this node, and other devices only when no node without tags has room.</summary>
    [Tags]
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Idle devices that this node closes in a second while it has over 10 % more than its share, so that they connect to other nodes; 0 for none.</summary>
    [WholeNumber(0, 10_000)]
    public int RebalanceRate { get; init; }
}
