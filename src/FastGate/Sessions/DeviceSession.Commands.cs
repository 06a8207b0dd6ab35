using FastGate.Commands;
using FastGate.Diagnostics;
using FastGate.Tools.Device;

namespace FastGate.Sessions;

/// <summary>Commands of operators. Any thread.</summary>
internal sealed partial class DeviceSession : ICommandDevice
{
    private const string LeftBefore =
        "unknown outcome: the device disconnected before it answered; the command was not sent again, because the device may have carried it out";

    public CommandReadiness ReadinessFor(bool isTool) =>
        !HelloSeen ? CommandReadiness.NotYet
        : !isTool ? CommandReadiness.Ready
        : Volatile.Read(ref _tools)?.Mcp is not { } mcp ? CommandReadiness.Never
        : mcp.IsSetUp ? CommandReadiness.Ready : CommandReadiness.NotYet;

    public async Task<CommandResult> CallToolAsync(string tool, byte[] arguments, TimeSpan timeout)
    {
        if (Volatile.Read(ref _tools)?.Mcp is not { } mcp)
        {
            return new CommandResult(CommandState.Queued);
        }

        try
        {
            return new CommandResult(CommandState.Acknowledged, await mcp.CallAsync(tool, arguments, timeout));
        }
        catch (DeviceToolException exception)
        {
            return exception.IsUnsent ? new CommandResult(CommandState.Queued)
                : new CommandResult(CommandState.Failed, null, exception.Outcome == ToolCallOutcome.Closed ? LeftBefore : exception.Message);
        }
        catch (Exception exception)
        {
            _services.Log.CommandFailed(exception, DeviceId);
            return new CommandResult(CommandState.Failed, null, "the command could not be sent");
        }
    }

    /// <remarks>
    /// The loop flushes what it has written before it takes further messages, so the second mark is reached after the message has left for the socket.
    /// </remarks>
    public async Task<CommandResult> WriteAsync(byte[] message, TimeSpan timeout)
    {
        _outbound.Post(new OutboundMessage(OutboundKind.Notice, message));
        try
        {
            bool isWritten = await ReachAsync().WaitAsync(timeout, _services.DeviceTools.Time) && await ReachAsync().WaitAsync(timeout, _services.DeviceTools.Time);
            return isWritten ? new CommandResult(CommandState.Acknowledged) : new CommandResult(CommandState.Failed, null, LeftBefore);
        }
        catch (TimeoutException)
        {
            return new CommandResult(CommandState.Failed, null, "unknown outcome: the device did not take the message in time");
        }
    }

    private Task<bool> ReachAsync()
    {
        var mark = new OutboundMark();
        _outbound.Post(mark);
        return mark.Reached;
    }
}
