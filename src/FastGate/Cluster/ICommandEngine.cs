using FastGate.Commands;
using FastGate.Configuration.Options;

namespace FastGate.Cluster;

/// <summary>
/// The commands of all nodes, in the engine. Every call throws <see cref="ClusterEngineException"/> when it has no answer; then it may or may not have
/// happened, and may be repeated. Times are milliseconds of the engine's clock.
/// </summary>
internal interface ICommandEngine
{
    /// <summary>Stores a command, and notifies the node that holds its device. A command with the key of an earlier one is that one.</summary>
    Task<CommandAnswer> AddAsync(NewCommand command, CommandOptions limits, long nowMs);

    /// <summary>
    /// Marks the first command of a device as sent and returns it, if this node holds the device. With the same token the command that was taken is
    /// returned again, so that a lost answer is repaired.
    /// </summary>
    Task<TakenCommand> TakeAsync(string deviceId, NodeIdentity node, string token, long nowMs, CommandReadiness tools, CommandReadiness messages);

    /// <summary>The command was not sent after all.</summary>
    Task ReturnAsync(string deviceId, long id, string token);

    /// <summary>Stores the end of a command that was taken with this token. False when it had ended otherwise.</summary>
    Task<bool> EndAsync(string deviceId, long id, string token, long nowMs, CommandResult result);

    /// <summary>Withdraws a command that was not sent.</summary>
    Task<CommandAnswer> CancelAsync(long id, long nowMs);

    Task<StoredCommand?> FindAsync(long id);

    /// <summary>The commands of a device with ids below <paramref name="beforeId"/>, newest first, and the number of all.</summary>
    Task<(int Total, List<StoredCommand> Commands)> BeforeAsync(string deviceId, long beforeId, int most);

    /// <summary>Ends commands whose time is over.</summary>
    Task<EndedCommands> SweepAsync(long nowMs);
}
