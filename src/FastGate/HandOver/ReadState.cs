namespace FastGate.HandOver;

/// <summary>The readable and the unreadable parts of a saved state. Each descriptor is in it once.</summary>
internal sealed record ReadState
{
    public StateFault Fault { get; init; }

    /// <summary>Version of the records, also when this image does not read it.</summary>
    public uint Version { get; init; }

    /// <summary>Everything that was readable. Listeners are readable in every version.</summary>
    public GatewayState State { get; init; } = new();

    /// <summary>Connections that must be closed.</summary>
    public IReadOnlyList<UnreadableConnection> Unreadable { get; init; } = [];

    /// <summary>Entries without a descriptor of their own that were not readable: languages, for example.</summary>
    public int Lost { get; init; }
}
