using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.HandOver;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Tests.Transport.HandOver;
using FastGate.Transport.HandOver;

namespace FastGate.Tests.Connections;

/// <summary>Connections pass between two servers over real sockets, while messages are sent in both directions.</summary>
public sealed class HandOverSocketTests
{
    private const int Messages = 6_000;
    private const int Rounds = 5;
    private const int MostRounds = 20;

    /// <summary>Looks without progress after which the device and the server wait for each other.</summary>
    private const int StuckLooks = 20;

    /// <summary>Enough that the kernel does not take the replies of a device that does not read.</summary>
    private static readonly string s_filler = new('x', 2_000);

    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    /// <summary>At first the device does not read, so that the hand-over comes in the middle of a write.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task Numbered_messages_arrive_once_and_in_order(TransportKind oldKind, TransportKind nextKind)
    {
        var options = new DeviceOptions { Echo = true };
        using var first = new ConnectionHarness(options);
        using var second = new ConnectionHarness(options);
        await using HandOverHarness transports = await HandOverHarness.StartAsync(
            oldKind, nextKind, first.Handler.OnConnectedAsync, second.Handler.OnConnectedAsync);
        using Socket socket = await transports.ConnectAsync();
        socket.ReceiveBufferSize = 64 * 1024;
        await using var stream = new NetworkStream(socket);
        var device = new ScriptedDevice(stream);
        await device.UpgradeAsync();

        int sent = 0;
        Task sending = SendAsync(device, () => sent++);

        // The kernel may take the rest of a write that waited when the connection leaves: then it moves on until bytes are left.
        int round = 0;
        int unsent = 0;
        for (; unsent == 0 && round < MostRounds; round++)
        {
            ConnectionHarness owner = round % 2 == 0 ? first : second;
            await UntilStuckAsync(owner, () => Volatile.Read(ref sent), options);
            unsent = await MoveAsync(round);
        }

        Assert.NotEqual(0, unsent);
        Task<int> receiving = ReceiveAsync(device);
        for (int last = round + Rounds; round < last; round++)
        {
            await MoveAsync(round);
        }

        await sending.WaitAsync(HandOverBench.Limit);
        Assert.Equal(Messages, await receiving.WaitAsync(HandOverBench.Limit));
        Assert.Equal(1, first.Metrics.Open + second.Metrics.Open);
        socket.Close();
        await Eventually.TrueAsync(() => first.Metrics.Open + second.Metrics.Open == 0, "the connection ends");
        Assert.Equal(0, transports.Old.Count("faults") + transports.Next.Count("faults"));

        // No first descriptor is left open: later connections may leave too.
        await Eventually.TrueAsync(() => transports.From.DetachingRoom >= 128 && transports.To.DetachingRoom >= 128, "first descriptors are closed");

        Task<int> MoveAsync(int number) => number % 2 == 0 ? HandOverSocketTests.MoveAsync(first, second, transports.To) : HandOverSocketTests.MoveAsync(second, first, transports.From);
    }

    /// <summary>The server waits for the device to read, and the device for the server. While the kernel's buffers still grow, a write may wait and end again.</summary>
    private static async Task UntilStuckAsync(ConnectionHarness owner, Func<int> sent, DeviceOptions options)
    {
        await Eventually.TrueAsync(() => owner.Connections().Any(), "the connection is registered");
        DeviceConnection connection = owner.Connections().Single();

        // The write timeout is shorter than every other.
        long longest = (long)options.Timeouts.Write.TotalMilliseconds;
        int looks = 0;
        int before = -1;
        await Eventually.TrueAsync(
            () =>
            {
                bool isStuck = connection.NextDeadline <= owner.Clock.NowMs + longest && sent() == before;
                before = sent();
                looks = isStuck ? looks + 1 : 0;
                return looks == StuckLooks;
            },
            "a write waits");
    }

    /// <returns>Bytes that were written and not sent.</returns>
    private static async Task<int> MoveAsync(ConnectionHarness from, ConnectionHarness to, IHandOverTransport transport)
    {
        from.Services.HandOver.BeginQuiet();
        ConnectionState state = Assert.Single(HandOverBench.Saved(await from.Services.HandOver.DetachAllAsync(HandOverBench.Limit)));
        from.Services.HandOver.Resume([]);
        transport.Adopt(new DetachedSocket(state.Descriptor, state.UnreadInput, state.UnsentOutput), state);
        await Eventually.TrueAsync(() => to.Metrics.Open == 1, "the connection is adopted");
        return state.UnsentOutput.Length;
    }

    private static async Task SendAsync(ScriptedDevice device, Action onSent)
    {
        for (int number = 0; number < Messages; number++)
        {
            await device.SendTextAsync(string.Create(CultureInfo.InvariantCulture, $"{number} {s_filler}"));
            onSent();
        }
    }

    private static async Task<int> ReceiveAsync(ScriptedDevice device)
    {
        for (int number = 0; number < Messages; number++)
        {
            var message = new StringBuilder();
            ReceivedFrame frame;
            do
            {
                frame = await device.ReceiveFrameAsync();
                message.Append(Encoding.ASCII.GetString(frame.Payload));
            }
            while (!frame.Fin);
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{number} {s_filler}"), message.ToString());
        }

        return Messages;
    }
}
