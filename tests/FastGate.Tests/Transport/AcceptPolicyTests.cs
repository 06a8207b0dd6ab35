using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;

namespace FastGate.Tests.Transport;

/// <summary>What a policy decides about connects, and input that waits in the kernel.</summary>
public sealed class AcceptPolicyTests
{
    private const int Storm = 150;
    private const int SingleTurns = 20;

    private readonly FakePolicy _policy = new();

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Refused_address_gets_a_reset_and_no_connection(TransportKind kind)
    {
        _policy.IsClosed = true;
        await using TransportHarness harness = await TransportHarness.Create(kind, Settings()).StartAsync(EchoHandler.RunAsync);

        // The reset may overtake the end of the connect.
        SocketException reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using Socket socket = await harness.ConnectAsync();
            await socket.ReceiveAsync(new byte[1]).Within();
        });

        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        Assert.Equal(0, harness.Count("accepted"));
        Assert.Equal((UInt128)0xFFFF_7F00_0001, Assert.Single(_policy.Asked));
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Storm_is_served_from_the_newest_on_when_its_turn_comes(TransportKind kind)
    {
        _policy.TurnMs = 10;
        ConcurrentQueue<int> served = new();
        await using var harness = TransportHarness.Create(kind, Settings());
        await harness.StartAsync(connection =>
        {
            served.Enqueue(((IPEndPoint)connection.RemoteEndPoint!).Port);
            return EchoHandler.RunAsync(connection);
        });
        var sockets = new List<Socket>();
        for (int i = 0; i < Storm; i++)
        {
            sockets.Add(await harness.ConnectAsync());
        }

        await Eventually.TrueAsync(() => harness.Count("waiting") == Storm, "all wait");
        Assert.Empty(served);
        int[] newestFirst = [.. sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port).Reverse()];

        // One at a time, because the sockets transport starts each connection on any thread.
        for (int i = 1; i <= SingleTurns; i++)
        {
            _policy.GiveTurn();
            await Eventually.TrueAsync(() => served.Count == i, "one is served");
        }

        Assert.Equal(newestFirst.Take(SingleTurns), served);
        _policy.TurnMs = 0;
        await Eventually.TrueAsync(() => served.Count == Storm, "all are served");

        Assert.Equal(newestFirst.Order(), served.Order());
        Assert.Equal(0, harness.Count("waiting"));
        Assert.Equal(0, harness.Count("wait_expired"));
        sockets.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Connect_that_has_waited_too_long_is_closed(TransportKind kind)
    {
        (_policy.TurnMs, _policy.LongestWaitMs) = (10, 0);
        await using TransportHarness harness = await TransportHarness.Create(kind, Settings()).StartAsync(EchoHandler.RunAsync);

        // The reset may overtake the end of the connect.
        SocketException reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using Socket socket = await harness.ConnectAsync();
            await socket.ReceiveAsync(new byte[1]).Within();
        });

        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await Eventually.TrueAsync(() => harness.Count("wait_expired") == 1 && harness.Count("waiting") == 0 && !_policy.Closed.IsEmpty, "counted and reported");
        Assert.Equal(((UInt128)0xFFFF_7F00_0001, AcceptRefusal.WaitExpired), Assert.Single(_policy.Closed));
        Assert.Equal(0, harness.Count("accepted"));
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Policy_gets_a_report_of_a_connect_without_a_descriptor(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind, Settings(descriptors: 0)).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());

        await Eventually.TrueAsync(() => !_policy.Closed.IsEmpty, "reported");
        Assert.Equal(((UInt128)0xFFFF_7F00_0001, AcceptRefusal.NoDescriptor), Assert.Single(_policy.Closed));
        Assert.Empty(_policy.Asked);
        Assert.Equal(1, harness.Count("refused"));
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Stopped_listener_closes_those_that_wait(TransportKind kind)
    {
        _policy.TurnMs = 1_000;
        await using TransportHarness harness = await TransportHarness.Create(kind, Settings()).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Count("waiting") == 1, "it waits");

        await harness.Transport.UnbindAsync(default);

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        Assert.Equal(0, harness.Count("waiting"));
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Paused_listener_serves_those_that_wait_before_its_owner_changes(TransportKind kind)
    {
        _policy.TurnMs = 1_000;
        await using TransportHarness harness = await TransportHarness.Create(kind, Settings()).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Count("waiting") == 1, "it waits");

        await ((IHandOverTransport)harness.Transport).PauseAcceptingAsync();

        Assert.Equal(1, harness.Count("accepted"));
        await socket.SendAsync(new byte[1]);
        Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
    }

    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task Paused_input_waits_in_the_kernel_and_a_cancelled_read_returns(TransportKind kind)
    {
        var paused = new TaskCompletionSource<PipeReader>(TaskCreationOptions.RunContinuationsAsynchronously);
        var results = new TaskCompletionSource<(bool IsCanceled, long Length, long LengthAfter)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult first = await input.ReadAsync();
            input.AdvanceTo(first.Buffer.End);
            IPausableInput pausable = connection.Find<IPausableInput>()!;
            pausable.PauseInput();
            ValueTask<ReadResult> read = input.ReadAsync();
            paused.SetResult(input);
            ReadResult second = await read;
            input.AdvanceTo(second.Buffer.End);
            pausable.ResumeInput();
            ReadResult third = await input.ReadAsync();
            input.AdvanceTo(third.Buffer.End);
            results.SetResult((second.IsCanceled, second.Buffer.Length, third.Buffer.Length));
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync(new byte[1]);
        PipeReader reader = await paused.Task.Within();
        await socket.SendAsync(new byte[5]);
        await Eventually.TrueAsync(() => TcpInfo.Of(socket).IsDelivered, "the bytes are in the kernel");

        // A loop that took them would have done so by the time it answers.
        await harness.Transport.RespondAsync().Within();
        reader.CancelPendingRead();

        Assert.Equal((true, 0, 5), await results.Task.Within());
    }

    private TransportOptions Settings(int? descriptors = null) => new() { EventLoops = 1, Policy = _policy, DescriptorCeiling = descriptors };

    private sealed class FakePolicy : IAcceptPolicy
    {
        private volatile int _turnMs;
        private int _turns;

        public bool IsClosed { get; set; }

        public int TurnMs
        {
            get => _turnMs;
            set => _turnMs = value;
        }

        public int LongestWaitMs { get; set; } = 1_000_000;

        public ConcurrentQueue<UInt128> Asked { get; } = new();

        public bool Admits(UInt128 address)
        {
            Asked.Enqueue(address);
            return !IsClosed;
        }

        public ConcurrentQueue<(UInt128 Address, AcceptRefusal Reason)> Closed { get; } = new();

        public void OnClosed(UInt128 address, AcceptRefusal reason) => Closed.Enqueue((address, reason));

        public void GiveTurn() => Interlocked.Increment(ref _turns);

        // Only the listener takes turns.
        public int TakeTurn()
        {
            if (TurnMs == 0 || Volatile.Read(ref _turns) == 0)
            {
                return TurnMs;
            }

            Interlocked.Decrement(ref _turns);
            return 0;
        }
    }
}
