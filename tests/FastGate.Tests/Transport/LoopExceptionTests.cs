using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Exceptions that no connection's handling catches: they end a turn of the loop, and nothing else.</summary>
public sealed class LoopExceptionTests
{
    private const int Connections = 20;

    /// <summary>An exception that not even the handling of a fault catches ends the turn; the signals after it are handled in the next one.</summary>
    [Fact]
    public async Task Signals_behind_one_that_ends_the_turn_are_not_lost()
    {
        var inputs = new List<PipeReader>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1 })
            .StartAsync(connection => ServeAsync(connection, inputs));
        harness.Measured = static instrument =>
        {
            if (instrument == "fastgate.transport.faults")
            {
                throw new InvalidOperationException("the exporter fails");
            }
        };
        var sockets = new List<Socket>();
        for (int i = 0; i < Connections; i++)
        {
            sockets.Add(await harness.ConnectAsync());
        }

        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        await Eventually.TrueAsync(() => loop.Connections.Count == Connections, "all are accepted");
        for (int round = 0; round < 2; round++)
        {
            // All in one batch: the signals of a turn are taken after its posted actions.
            loop.Post(_ => inputs.ForEach(static input => input.CancelPendingRead()), null);
            foreach (Socket socket in sockets.Skip(1))
            {
                Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
            }
        }

        Assert.True(harness.Count("faults") >= 1);
        sockets.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task A_connection_that_cannot_be_added_is_closed_and_leaves_no_trace()
    {
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1 })
            .StartAsync(EchoHandler.RunAsync);
        int failures = 0;
        harness.Measured = instrument =>
        {
            if (instrument == "fastgate.transport.accepted" && failures++ == 0)
            {
                throw new InvalidOperationException("the exporter fails");
            }
        };
        using Socket second = await AssertOnlyFirstIsClosedAsync(harness);
        Assert.Equal(1, ((EventLoopTransport)harness.Transport).Loops[0].Connections.Count);
    }

    [Fact]
    public async Task A_connect_whose_check_fails_is_closed()
    {
        await using TransportHarness harness = await TransportHarness
            .Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1, Policy = new FailingPolicy() })
            .StartAsync(EchoHandler.RunAsync);
        using Socket second = await AssertOnlyFirstIsClosedAsync(harness);
    }

    /// <summary>Returns the second, which is served.</summary>
    private static async Task<Socket> AssertOnlyFirstIsClosedAsync(TransportHarness harness)
    {
        using Socket first = await harness.ConnectAsync();
        await AssertClosedAsync(first);
        Socket second = await harness.ConnectAsync();
        await second.SendAsync("a"u8.ToArray());
        Assert.Equal(1, await second.ReceiveAsync(new byte[1]).Within());
        Assert.Equal(1, harness.Transport.ConnectionCount);
        return second;
    }

    private static async Task AssertClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }
        catch (SocketException exception)
        {
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        }
    }

    /// <summary>Sends a byte for each cancelled read; the first connection throws instead.</summary>
    private static async Task ServeAsync(ConnectionContext connection, List<PipeReader> inputs)
    {
        PipeReader input = connection.Transport.Input;
        inputs.Add(input);
        if (inputs.Count == 1)
        {
#pragma warning disable CA2012 // The awaiter is used as a compiler would use it.
            input.ReadAsync().GetAwaiter().UnsafeOnCompleted(static () => throw new InvalidOperationException("on purpose"));
#pragma warning restore CA2012
            var closed = new TaskCompletionSource();
            connection.ConnectionClosed.Register(closed.SetResult);
            await closed.Task;
            return;
        }

        while (await input.ReadAsync() is { IsCompleted: false } result)
        {
            input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.GetSpan(1)[0] = 1;
            connection.Transport.Output.Advance(1);
            await connection.Transport.Output.FlushAsync();
        }
    }

    /// <summary>Fails for the first connect.</summary>
    private sealed class FailingPolicy : IAcceptPolicy
    {
        private int _connects;

        public int LongestWaitMs => 1_000;

        public bool Admits(UInt128 address) => _connects++ > 0 ? true : throw new InvalidOperationException("the check fails");

        public int TakeTurn() => 0;

        public void OnClosed(UInt128 address, AcceptRefusal reason) => throw new InvalidOperationException("must not be called");
    }
}
