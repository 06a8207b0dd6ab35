using System.Net.Sockets;
using System.Text;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Connections;

/// <summary>Costs of a handshake.</summary>
public sealed partial class LoopConnectionTests
{
    [Fact]
    public async Task Connection_has_a_pipe_only_between_the_parts_of_its_request()
    {
        byte[] request = Encoding.ASCII.GetBytes(ScriptedDevice.Request());
        for (int split = 1; split < request.Length; split++)
        {
            using Socket socket = await _transport.ConnectAsync();
            LoopConnection connection = await AcceptedAsync(split);
            await Eventually.TrueAsync(() => connection is { HasPipe: false, InputHandler: not null }, "it waits without a task");

            await socket.SendAsync(request.AsMemory(0, split));
            await Eventually.TrueAsync(() => connection.HasPipe, "the first part is kept");
            await socket.SendAsync(request.AsMemory(split));
            await ReceiveAnswerAsync(socket);
            await Eventually.TrueAsync(() => connection is { HasPipe: false, InputHandler: not null }, "the request has been answered");
        }
    }

    [Fact]
    public async Task Upgrade_allocates_only_what_lives_as_long_as_the_connection()
    {
        // The connection of the transport (120), the device's (200), its session (104), its id (56), its place in the registry (48) and the first time its
        // pipe, which others use later (168).
        const int Most = 600;
        const int Rounds = 40;
        var sockets = new List<Socket>();
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = await AllocatedAsync();
            sockets.Add(await UpgradeAsync());
            least = Math.Min(least, await AllocatedAsync() - before);
        }

        sockets.ForEach(static socket => socket.Dispose());
        Assert.InRange(least, 1, Most);
    }

    /// <summary>The connection with this number, which begins at one.</summary>
    private async Task<LoopConnection> AcceptedAsync(int number)
    {
        await Eventually.TrueAsync(() => Volatile.Read(ref _accepted) == number, "the connection is accepted");
        return _connections[number - 1];
    }
}
