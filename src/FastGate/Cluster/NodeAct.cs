namespace FastGate.Cluster;

/// <summary>An act of the admin API that another node is to run: the request as it came, after its caller was checked.</summary>
internal sealed record NodeAct
{
    /// <summary>Name of the operation; nodes of other versions may know other ones.</summary>
    public required string Operation { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary>With its question mark; empty for none.</summary>
    public required string Query { get; init; }

    /// <summary>The parts of the path that have names.</summary>
    public required IReadOnlyDictionary<string, string> Route { get; init; }

    public string? ContentType { get; init; }

    public required string Body { get; init; }

    /// <summary>The idempotency key; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Of the act in the audit logs of both nodes.</summary>
    public required string RequestId { get; init; }

    /// <summary>Address of the caller.</summary>
    public required string Caller { get; init; }
}
