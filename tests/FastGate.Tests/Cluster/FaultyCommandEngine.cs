using FastGate.Cluster;
using FastGate.Commands;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Cluster;

/// <summary>Loses the answers to calls.</summary>
internal sealed class FaultyCommandEngine(ICommandEngine engine) : ICommandEngine
{
    private volatile bool _losesAnswers;
    private int _lost;

    /// <summary>The calls from now on are carried out, and have no answer.</summary>
    public bool LosesAnswers
    {
        get => _losesAnswers;
        set => _losesAnswers = value;
    }

    /// <summary>Calls that had no answer.</summary>
    public int Lost => Volatile.Read(ref _lost);

    public Task<CommandAnswer> AddAsync(NewCommand command, CommandOptions limits, long nowMs) => CallAsync(() => engine.AddAsync(command, limits, nowMs));

    public Task<TakenCommand> TakeAsync(string deviceId, NodeIdentity node, string token, long nowMs, CommandReadiness tools, CommandReadiness messages) =>
        CallAsync(() => engine.TakeAsync(deviceId, node, token, nowMs, tools, messages));

    public Task ReturnAsync(string deviceId, long id, string token) => CallAsync(async () =>
    {
        await engine.ReturnAsync(deviceId, id, token);
        return true;
    });

    public Task<bool> EndAsync(string deviceId, long id, string token, long nowMs, CommandResult result) =>
        CallAsync(() => engine.EndAsync(deviceId, id, token, nowMs, result));

    public Task<CommandAnswer> CancelAsync(long id, long nowMs) => CallAsync(() => engine.CancelAsync(id, nowMs));

    public Task<StoredCommand?> FindAsync(long id) => engine.FindAsync(id);

    public Task<(int Total, List<StoredCommand> Commands)> BeforeAsync(string deviceId, long beforeId, int most) => engine.BeforeAsync(deviceId, beforeId, most);

    public Task<EndedCommands> SweepAsync(long nowMs) => CallAsync(() => engine.SweepAsync(nowMs));

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        bool isLost = LosesAnswers;
        T answer = await call();
        if (!isLost)
        {
            return answer;
        }

        Interlocked.Increment(ref _lost);
        throw new ClusterEngineException("the answer is lost");
    }
}
