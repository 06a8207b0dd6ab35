using System.Net.Sockets;
using FastGate.Connections;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Connections;

/// <content>Objects that a message touches: each costs a cache line or more of a connection that has been idle.</content>
public sealed partial class LoopConnectionTests
{
    /// <summary>The connection of the loop, the device and its session; texts are not counted.</summary>
    private const int MostObjectsOfDevice = 3;

    /// <summary>All that a ping leaves behind is the time of the connection's last input.</summary>
    [Fact]
    public async Task Ping_changes_one_object_of_its_device_and_creates_none()
    {
        using Socket first = await UpgradeAsync("first");
        await PingAsync(first);
        DeviceConnection before = _harness.Connections().Single();
        ObjectGraph others = await OnLoopAsync(() => ObjectGraph.Of([_connections[0], before]));

        using Socket second = await UpgradeAsync("second");
        await PingAsync(second);
        DeviceConnection device = _harness.Connections().Single(connection => connection != before);
        ObjectGraph own = await OnLoopAsync(() => ObjectGraph.Of([_connections[1], device], except: others));
        Assert.InRange(own.Count, 2, MostObjectsOfDevice);
        _harness.Clock.Turn(TimeSpan.FromSeconds(1));
        await PingAsync(second);
        IReadOnlyList<string> changed = await OnLoopAsync(() => own.Changes(ObjectGraph.Of([_connections[1], device], except: others)));

        Assert.Equal(["DeviceConnection._lastInboundMs"], changed);
    }

    private static async Task PingAsync(Socket socket)
    {
        await socket.SendAsync(s_ping);
        Assert.Equal(s_pong, await ReceiveAsync(socket, s_pong.Length));
    }

    /// <summary>The loop's fields are at rest while it runs the function.</summary>
    private async Task<T> OnLoopAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                try
                {
                    result.SetResult(function());
                }
                catch (Exception exception)
                {
                    result.SetException(exception);
                }
            },
            null);
        return await result.Task.Within();
    }
}
