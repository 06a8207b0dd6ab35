using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace FastGate.Tests.Transport;

/// <summary>The pipes of an event loop may be used on the loop only; other calls throw.</summary>
public sealed class LoopThreadTests
{
    [Fact]
    public async Task Every_pipe_call_from_another_thread_throws()
    {
        var results = new TaskCompletionSource<string[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(async connection =>
        {
            IDuplexPipe pipe = connection.Transport;
            results.SetResult(await Task.Run(() => Calls(pipe).Where(static call => !Throws(call.Call)).Select(static call => call.Name).ToArray()));
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Empty(await results.Task.Within());
    }

    [Fact]
    public async Task CancelPendingRead_and_abort_work_from_another_thread()
    {
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(async connection =>
        {
            ValueTask<ReadResult> pending = connection.Transport.Input.ReadAsync();
            _ = Task.Run(connection.Transport.Input.CancelPendingRead);
            ReadResult result = await pending;
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            cancelled.SetResult(result.IsCanceled);
            pending = connection.Transport.Input.ReadAsync();
            _ = connected.Task.ContinueWith(_ => connection.Abort(), TaskScheduler.Default);
            await pending;
        });
        using Socket socket = await harness.ConnectAsync();
        connected.SetResult();
        Assert.True(await cancelled.Task.Within());
        await Assert.ThrowsAsync<SocketException>(() => socket.ReceiveAsync(new byte[1]).Within());
    }

    [Fact]
    public async Task Cancellation_tokens_are_refused()
    {
        var refused = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(connection =>
        {
            using var source = new CancellationTokenSource();
            refused.SetResult(IsRefused(() => connection.Transport.Input.ReadAsync(source.Token).AsTask())
                && IsRefused(() => connection.Transport.Output.FlushAsync(source.Token).AsTask()));
            return Task.CompletedTask;
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.True(await refused.Task.Within());
    }

    private static (string Name, Action Call)[] Calls(IDuplexPipe pipe) =>
    [
        ("ReadAsync", () => pipe.Input.ReadAsync().AsTask()),
        ("TryRead", () => pipe.Input.TryRead(out _)),
        ("AdvanceTo", () => pipe.Input.AdvanceTo(default)),
        ("Input.Complete", () => pipe.Input.Complete()),
        ("GetMemory", () => pipe.Output.GetMemory()),
        ("GetSpan", () => pipe.Output.GetSpan()),
        ("Advance", () => pipe.Output.Advance(0)),
        ("FlushAsync", () => pipe.Output.FlushAsync().AsTask()),
        ("Write", () => pipe.Output.Write("x"u8)),
        ("Output.Complete", () => pipe.Output.Complete()),
    ];

    private static bool Throws(Action call) => Record.Exception(call) is InvalidOperationException;

    private static bool IsRefused(Action call) => Record.Exception(call) is NotSupportedException;
}
