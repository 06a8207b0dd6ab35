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
    private const int Rounds = 6;

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

        Task sending = SendAsync(device);
        DeviceConnection connection = first.Connections().Single();

        // The write timeout is shorter than every other.
        long longest = (long)options.Timeouts.Write.TotalMilliseconds;
        await Eventually.TrueAsync(() => connection.NextDeadline <= first.Clock.NowMs + longest, "a write waits");
        Assert.NotEqual(0, await MoveAsync(first, second, transports.To));
        Task<int> receiving = ReceiveAsync(device);
        for (int round = 1; round < Rounds; round++)
        {
            bool isBack = round % 2 == 1;
            await MoveAsync(isBack ? second : first, isBack ? first : second, isBack ? transports.From : transports.To);
        }

        await sending.WaitAsync(HandOverBench.Limit);
        Assert.Equal(Messages, await receiving.WaitAsync(HandOverBench.Limit));
        Assert.Equal(1, first.Metrics.Open + second.Metrics.Open);
        socket.Close();
        await Eventually.TrueAsync(() => first.Metrics.Open + second.Metrics.Open == 0, "the connection ends");
        Assert.Equal(0, transports.Old.Count("faults") + transports.Next.Count("faults"));

        // No first descriptor is left open: later connections may leave too.
        await Eventually.TrueAsync(() => transports.From.DetachingRoom >= 128 && transports.To.DetachingRoom >= 128, "first descriptors are closed");
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

    private static async Task SendAsync(ScriptedDevice device)
    {
        for (int number = 0; number < Messages; number++)
        {
            await device.SendTextAsync(string.Create(CultureInfo.InvariantCulture, $"{number} {s_filler}"));
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
