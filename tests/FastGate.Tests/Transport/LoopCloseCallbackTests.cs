using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;

namespace FastGate.Tests.Transport;

/// <summary>Callbacks of ConnectionClosed, and loggers, that block or throw.</summary>
public sealed class LoopCloseCallbackTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1, Linger = TimeSpan.FromMinutes(10) };

    [Fact]
    public async Task A_blocking_close_callback_does_not_block_the_loop()
    {
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await StartAsync(() =>
        {
            entered.SetResult();
            gate.Wait();
        });
        try
        {
            using Socket good = await harness.ConnectAsync();
            await LeaveAsync(harness);
            await entered.Task.Within();
            await AssertServedAsync(good);
        }
        finally
        {
            gate.Set();
        }
    }

    [Fact]
    public async Task A_throwing_close_callback_is_a_fault_of_its_connection_only()
    {
        await using TransportHarness harness = await StartAsync(static () => throw new InvalidOperationException("on purpose"));
        using Socket good = await harness.ConnectAsync();
        await LeaveAsync(harness);
        await Eventually.TrueAsync(() => harness.Count("faults") == 1, "counted");
        await AssertServedAsync(good);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
    }

    [Fact]
    public async Task A_throwing_logger_does_not_disturb_other_connections()
    {
        using var loggers = new ThrowingLoggerFactory();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop, loggers).StartAsync(EchoHandler.ThrowOrRunAsync);
        using Socket good = await harness.ConnectAsync();
        for (int i = 0; i < 5; i++)
        {
            using Socket bad = await harness.ConnectAsync();
            await bad.SendAsync("!"u8.ToArray());
            Assert.Equal(0, await bad.ReceiveAsync(new byte[1]).Within());
        }

        await AssertServedAsync(good);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
        Assert.Equal(5, harness.Count("faults"));
    }

    /// <summary>Echoes; registers the callback for a client that begins with "!".</summary>
    private static Task<TransportHarness> StartAsync(Action callback) =>
        TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            if (result.Buffer.FirstSpan[0] == (byte)'!')
            {
                connection.ConnectionClosed.Register(callback);
            }

            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            await EchoHandler.RunAsync(connection);
        });

    private static async Task LeaveAsync(TransportHarness harness)
    {
        using Socket bad = await harness.ConnectAsync();
        await bad.SendAsync("!"u8.ToArray());
        Assert.Equal(1, await bad.ReceiveAsync(new byte[1]).Within());
    }

    private static async Task AssertServedAsync(Socket socket)
    {
        for (int i = 0; i < 100; i++)
        {
            await socket.SendAsync("g"u8.ToArray());
            Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
        }
    }
}
