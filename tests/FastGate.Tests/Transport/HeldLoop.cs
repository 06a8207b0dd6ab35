using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Blocks a loop in the middle of a turn until disposed; events and requests meanwhile wait in the kernel and in queues.</summary>
internal sealed class HeldLoop : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();

    private HeldLoop()
    {
    }

    public static async Task<HeldLoop> HoldAsync(EventLoop loop)
    {
        var hold = new HeldLoop();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                held.SetResult();
                hold._gate.Wait();
            },
            null);
        await held.Task.Within();
        return hold;
    }

    /// <summary>The gate is not disposed, because the loop may still be leaving it.</summary>
    public void Dispose() => _gate.Set();
}
