using System.Text;
using FastGate.Commands;

namespace FastGate.Tests.Commands;

/// <summary>A device that records what it is sent; a test answers.</summary>
internal sealed class FakeCommandDevice : ICommandDevice
{
    private readonly Lock _gate = new();
    private readonly List<string> _sent = [];
    private readonly Queue<TaskCompletionSource<CommandResult>> _unanswered = new();

    public CommandReadiness Readiness { get; set; } = CommandReadiness.Ready;

    /// <summary>Null: tools are as ready as the device.</summary>
    public CommandReadiness? ToolReadiness { get; set; }

    /// <summary>Answers every command at once.</summary>
    public CommandResult? Always { get; set; }

    public IReadOnlyList<string> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public CommandReadiness ReadinessFor(bool isTool) => isTool ? ToolReadiness ?? Readiness : Readiness;

    public Task<CommandResult> CallToolAsync(string tool, byte[] arguments, TimeSpan timeout) => Send($"{tool} {Encoding.UTF8.GetString(arguments)}");

    public Task<CommandResult> WriteAsync(byte[] message, TimeSpan timeout) => Send(Encoding.UTF8.GetString(message));

    public void Answer(CommandState state = CommandState.Acknowledged, string? result = null, string? reason = null) =>
        Assert.True(TryAnswer(state, result, reason));

    /// <summary>Answers the oldest command; what waits for it runs before this returns. False when there is none.</summary>
    public bool TryAnswer(CommandState state, string? result = null, string? reason = null)
    {
        TaskCompletionSource<CommandResult>? answer;
        lock (_gate)
        {
            _unanswered.TryDequeue(out answer);
        }

        answer?.SetResult(new CommandResult(state, result, reason));
        return answer is not null;
    }

    private Task<CommandResult> Send(string text)
    {
        lock (_gate)
        {
            _sent.Add(text);
            if (Always is { } result)
            {
                return Task.FromResult(result);
            }

            var answer = new TaskCompletionSource<CommandResult>();
            _unanswered.Enqueue(answer);
            return answer.Task;
        }
    }
}
