using System.Net.Sockets;
using System.Text;
using FastGate.Transport;
using FastGate.Transport.Input;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>A handler that the event loop calls with input, instead of a task that reads.</summary>
public sealed partial class LoopInputCallTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ConnectionContext> _connections = [];
    private readonly List<CalledHandler> _handlers = [];
    private readonly TransportHarness _harness = TransportHarness.Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1 });

    private EventLoop Loop => ((EventLoopTransport)_harness.Transport).Loops[0];

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task Input_is_delivered_by_calls_and_to_a_task_between_them()
    {
        using Socket socket = await ConnectAsync();
        foreach (string text in (string[])["one", "2", "t", "in the task", "again", "t", "x", "t", "y", "last"])
        {
            await ExchangeAsync(socket, text, text);
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        await AllEndedAsync();
    }

    /// <summary>The task has ended before the loop sees it, as when its read was cancelled meanwhile.</summary>
    [Fact]
    public async Task A_task_that_asks_for_calls_and_ends_at_once_gets_them()
    {
        using Socket socket = await ConnectAsync();
        foreach (string text in (string[])["a", "s", "x", "s", "s", "y"])
        {
            await ExchangeAsync(socket, text, text);
        }
    }

    /// <summary>Also while a task reads: each request cancels one read.</summary>
    [Fact]
    public async Task A_cancelled_read_is_a_call()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "a", "a");
        ((ICallingInput)_connections[0]).CancelPendingRead();
        await ExchangeAsync(socket, "", "c");
        await ExchangeAsync(socket, "t", "t");
        ((ICallingInput)_connections[0]).CancelPendingRead();
        await ExchangeAsync(socket, "", "c");
        await ExchangeAsync(socket, "b", "b");
    }

    /// <summary>The pipe of an idle connection serves the others; one that holds bytes or waits stays with its connection.</summary>
    [Fact]
    public async Task A_connection_has_a_pipe_only_while_it_needs_one()
    {
        using Socket idle = await ConnectAsync();
        await ExchangeAsync(idle, "a", "a");
        using Socket partial = await ConnectAsync();
        await ExchangeAsync(partial, "a", "a");
        using Socket slow = await ConnectAsync();
        await ExchangeAsync(slow, "a", "a");
        await HavePipesAsync(false, false, false);

        await partial.SendAsync("k1"u8.ToArray());
        await slow.SendAsync("b"u8.ToArray());
        await HavePipesAsync(false, true, true);
        for (int i = 0; i < 5; i++)
        {
            await ExchangeAsync(idle, "c", "c");
        }

        await ExchangeAsync(partial, "23", "k123");
        byte[] answer = new byte[1 + CalledHandler.BigAnswer];
        await ReceiveAsync(slow, answer);
        Assert.Equal((byte)'b', answer[0]);
        Assert.Equal(-1, answer.AsSpan(1).IndexOfAnyExcept((byte)0));
        await HavePipesAsync(false, false, false);
        await ExchangeAsync(slow, "d", "d");
        await ExchangeAsync(partial, "e", "e");
    }

    /// <summary>Input that a pipe holds, and a task that reads, come first.</summary>
    [Fact]
    public async Task Input_is_answered_without_a_pipe_unless_there_is_one()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "f1", "g1");
        await ExchangeAsync(socket, "a", "a");
        await ExchangeAsync(socket, "f2", "g2");
        await HavePipesAsync(false);

        await socket.SendAsync("k1"u8.ToArray());
        await HavePipesAsync(true);
        await ExchangeAsync(socket, "f3", "k1f3");
        await ExchangeAsync(socket, "t", "t");
        await ExchangeAsync(socket, "f4", "f4");
        await ExchangeAsync(socket, "f5", "g5");
        ((ICallingInput)_connections[0]).CancelPendingRead();
        await ExchangeAsync(socket, "", "c");
        await ExchangeAsync(socket, "f6", "g6");
        await HavePipesAsync(false);
    }

    [Fact]
    public async Task Input_that_is_taken_without_an_answer_needs_no_pipe()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "a", "a");
        await socket.SendAsync("nothing"u8.ToArray());
        await _harness.Transport.RespondAsync().Within();

        Assert.Equal("nothing".Length, _handlers[0].Unanswered);
        await HavePipesAsync(false);
        await ExchangeAsync(socket, "f1", "g1");
    }

    [Fact]
    public async Task The_handler_ends_the_connection_with_its_task()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "q", "q");
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        socket.Close();
        await AllEndedAsync();
    }

    [Fact]
    public async Task An_exception_of_the_handler_ends_its_connection_only()
    {
        using Socket good = await ConnectAsync();
        using Socket bad = await ConnectAsync();
        await ExchangeAsync(good, "a", "a");
        await bad.SendAsync("!"u8.ToArray());
        Assert.Equal(0, await bad.ReceiveAsync(new byte[1]).Within());
        bad.Close();
        await ExchangeAsync(good, "b", "b");
        Assert.Equal(1, _harness.Count("faults"));
        await Eventually.TrueAsync(() => Loop.HandlerCount == 1, "the handler has ended");
    }

    [Fact]
    public async Task A_reset_is_reported_once_and_ends_the_handler()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "a", "a");
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
        Assert.IsType<ConnectionResetException>(await _failed.Task.Within());
        await AllEndedAsync();
    }

    [Fact]
    public async Task An_abort_is_reported_with_its_reason()
    {
        using Socket socket = await ConnectAsync();
        await ExchangeAsync(socket, "a", "a");
        var reason = new ConnectionAbortedException("on purpose");
        _connections[0].Abort(reason);
        Assert.Same(reason, await _failed.Task.Within());
        await AllEndedAsync();
    }

    private async Task<Socket> ConnectAsync()
    {
        if (_connections.Count == 0)
        {
            await _harness.StartAsync(connection =>
            {
                _connections.Add(connection);
                _handlers.Add(new CalledHandler(connection, _failed));
                return _handlers[^1].RunAsync();
            });
        }

        return await _harness.ConnectAsync();
    }

    private Task AllEndedAsync() => Eventually.TrueAsync(() => Loop.HandlerCount == 0 && Loop.Connections.Count == 0, "the handler has ended");

    private static async Task ExchangeAsync(Socket socket, string text, string answer)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        byte[] received = new byte[answer.Length];
        await ReceiveAsync(socket, received);
        Assert.Equal(answer, Encoding.ASCII.GetString(received));
    }

    private static async Task ReceiveAsync(Socket socket, Memory<byte> received)
    {
        while (!received.IsEmpty)
        {
            int count = await socket.ReceiveAsync(received).AsTask().Within();
            Assert.NotEqual(0, count);
            received = received[count..];
        }
    }

    private Task HavePipesAsync(params bool[] expected) => Eventually.TrueAsync(
        () => _connections.Select(static connection => ((LoopConnection)connection).HasPipe).SequenceEqual(expected), "each connection has its pipe, or none");
}
