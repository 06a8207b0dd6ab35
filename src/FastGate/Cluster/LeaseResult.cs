namespace FastGate.Cluster;

/// <summary>What became of a lease.</summary>
internal enum LeaseResult
{
    /// <summary>Renewed.</summary>
    Kept,

    /// <summary>This node had none: what it held before is free until it is claimed again.</summary>
    New,

    /// <summary>A later process uses the name of this node.</summary>
    Taken,

    /// <summary>The keys have a newer schema.</summary>
    NewerSchema,
}
