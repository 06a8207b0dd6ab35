using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>A listener of an event loop whose policy refuses a source again and again.</summary>
public sealed class RefusedConnectTests : IDisposable
{
    private const int NotFound = -2;

    private static readonly IPAddress s_hostile = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress s_other = IPAddress.Parse("127.0.0.3");

    private readonly Policy _policy = new();
    private readonly RecordingLoggerFactory _log = new();

    /// <summary>The period on the clock of the machine: four seconds, and the time until the client's kernel sends the packet again.</summary>
    [Fact]
    public async Task Connects_of_the_source_are_dropped_for_a_period_while_its_open_connection_and_others_are_served()
    {
        await using TransportHarness harness = await StartAsync();
        using Socket open = await harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_hostile, 0)));
        await EchoAsync(open);
        _policy.Refused = s_hostile;
        await RefuseAsync(harness);

        Task<Socket> dropped = harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_hostile, 0)));
        using Socket other = await harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_other, 0)));
        await EchoAsync(other);
        await EchoAsync(open);
        Assert.False(dropped.IsCompleted);
        Assert.Equal(0, harness.Count("dropped"));

        _policy.Refused = null;
        using Socket late = await dropped.Within();

        await EchoAsync(late);
        Assert.True(harness.Count("dropped") > 0);
        Assert.Equal(3, harness.Count("accepted"));
    }

    [Fact]
    public async Task Paused_listener_ends_the_filter_for_the_process_that_takes_it_over()
    {
        await using TransportHarness harness = await StartAsync();
        _policy.Refused = s_hostile;
        await RefuseAsync(harness);
        Task<Socket> dropped = harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_hostile, 0)));
        int listener = ((IHandOverTransport)harness.Transport).Listeners[0];
        await Eventually.TrueAsync(() => LinuxSocket.DroppedPackets(listener) > 0, "dropped");

        await ((IHandOverTransport)harness.Transport).PauseAcceptingAsync();

        Assert.Equal(NotFound, LinuxSocket.DetachFilter(listener));
        using Socket connected = await dropped.Within();
        Assert.True(harness.Count("dropped") > 0);
    }

    /// <summary>An accepted socket inherits the filter of the listener: it must not keep it, nor pay for it with each packet.</summary>
    [Fact]
    public async Task Connection_that_was_accepted_under_the_filter_has_none()
    {
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, Settings(), _log).StartAsync(connection =>
        {
            detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            return Task.CompletedTask;
        });
        _policy.Refused = s_hostile;
        await RefuseAsync(harness);

        using Socket other = await harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_other, 0)));
        int descriptor = (await detached.Task.Within())!.Descriptor;

        Assert.Equal(NotFound, LinuxSocket.DetachFilter(descriptor));
        LinuxSocket.Close(descriptor);
    }

    public void Dispose() => _log.Dispose();

    private static async Task EchoAsync(Socket socket)
    {
        await socket.SendAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await TransportAssert.ReceiveAsync(socket, 5).Within());
    }

    /// <summary>Connects that are reset, up to the last one before the kernel drops them. A second that is too short for so many does not count.</summary>
    private async Task RefuseAsync(TransportHarness harness)
    {
        while (_log.Log.Count(7785) == 0)
        {
            // The reset may overtake the end of the connect.
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                using Socket socket = await harness.ConnectAsync(static socket => socket.Bind(new IPEndPoint(s_hostile, 0)));
                await socket.ReceiveAsync(new byte[1]).Within();
            });
            await harness.Transport.RespondAsync().Within();
        }

        Assert.True(_policy.Refusals >= RefusedSources.MostRefusals);
    }

    private TransportOptions Settings() => new() { EventLoops = 1, Policy = _policy };

    private Task<TransportHarness> StartAsync() => TransportHarness.Create(TransportKind.EventLoop, Settings(), _log).StartAsync(EchoHandler.RunAsync);

    private sealed class Policy : IAcceptPolicy
    {
        private volatile IPAddress? _refused;
        private int _refusals;

        public IPAddress? Refused
        {
            set => _refused = value;
        }

        public int Refusals => Volatile.Read(ref _refusals);

        public int LongestWaitMs => 1_000_000;

        public void OnClosed(UInt128 address, AcceptRefusal reason) => throw new InvalidOperationException("must not be called");

        public bool Admits(UInt128 address)
        {
            if (_refused is not { } refused || LinuxAddress.ValueOf(refused) != address)
            {
                return true;
            }

            Interlocked.Increment(ref _refusals);
            return false;
        }

        public int TakeTurn() => 0;
    }
}
