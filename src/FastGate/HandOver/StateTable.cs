namespace FastGate.HandOver;

/// <summary>
/// What a saved state has besides the records of its connections, which are read one by one: in any order, on any thread. The input of each read is
/// that of the table.
/// </summary>
/// <param name="fault">Why nothing is known of the state.</param>
/// <param name="version">Version of the records.</param>
/// <param name="state">Everything that belongs to no connection.</param>
/// <param name="entries">The connections.</param>
/// <param name="lost">See <see cref="ReadState.Lost"/>.</param>
/// <param name="isReadVersion">The records have a version that this image reads.</param>
internal sealed class StateTable(StateFault fault, uint version, GatewayState state, IReadOnlyList<StateEntry> entries, int lost, bool isReadVersion)
{
    public StateFault Fault => fault;

    public uint Version => version;

    public GatewayState State => state;

    public int Lost => lost;

    /// <summary>Number of connections, with those that are not readable. Each has another descriptor.</summary>
    public int Connections => entries.Count;

    /// <summary>Reads one connection. Null, and how to close it, when it is not readable.</summary>
    public ConnectionState? Read(ReadOnlySpan<byte> input, int index, out UnreadableConnection? unreadable)
    {
        StateEntry entry = entries[index];
        bool isPlaced = entry.Offset != StateEntry.NoPlace;
        bool isWhole = entry.IsWholeIn(input, out ReadOnlySpan<byte> record);
        bool isUnsentWhole = isPlaced && (isWhole || entry.IsUnsentWholeIn(input));
        ReadOnlyMemory<byte> unsent = isUnsentWhole && entry.UnsentLength > 0 ? entry.UnsentIn(input).ToArray() : default;
        UnreadableReason reason = !isWhole ? UnreadableReason.Damaged
            : entry.Kind != StateFormat.KindConnection ? UnreadableReason.Kind
            : !isReadVersion ? UnreadableReason.Version
            : !entry.IsWhole ? UnreadableReason.TooBig
            : UnreadableReason.Fields;
        if (reason == UnreadableReason.Fields && ConnectionStateRecord.Read(record, entry.Descriptor, unsent) is { } connection)
        {
            unreadable = null;
            return connection;
        }

        unreadable = new UnreadableConnection(entry.Descriptor, reason, isUnsentWhole && entry.TakesClose, unsent);
        return null;
    }
}
