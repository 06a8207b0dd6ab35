using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>
/// Giving a socket away while other threads abort the connection and cancel its reads. The history of each connection is checked: either the
/// socket was given away and the peer continues with the next owner, or it was not and the peer sees the abort. Never both, never neither.
/// </summary>
public sealed class HandOverRaceTests
{
    private const int Rounds = 300;

    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    [Theory, MemberData(nameof(Pairs))]
    public async Task Either_the_abort_or_the_next_owner_has_the_connection(TransportKind old, TransportKind next)
    {
        var accepted = Channel.CreateUnbounded<ConnectionContext>();
        var results = Channel.CreateUnbounded<DetachedSocket?>();
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                accepted.Writer.TryWrite(connection);
                DetachedSocket? socket = null;
                try
                {
                    // The first read ends by a cancellation; others may follow at any time.
                    ReadResult result = await connection.Transport.Input.ReadAsync();
                    connection.Transport.Input.AdvanceTo(result.Buffer.Start);
                    connection.Transport.Output.Write("?"u8);
                    socket = connection.Find<IDetachableConnection>()!.Detach();
                }
                catch (ConnectionAbortedException)
                {
                    // The abort ended the read.
                }

                results.Writer.TryWrite(socket);
            },
            EchoHandler.RunAsync);
        int given = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using Socket peer = await harness.ConnectAsync();
            peer.Send("!"u8);
            ConnectionContext connection = await accepted.Reader.ReadAsync().Within();
            using var begin = new Barrier(3);
            Task[] disturbers =
            [
                Disturb(begin, () => connection.Transport.Input.CancelPendingRead()),
                Disturb(begin, () =>
                {
                    // The abort comes a little later in every round, and then starts again.
                    Thread.SpinWait(round % 100 * 20);
                    connection.Abort(new ConnectionAbortedException("race"));
                }),
                Disturb(begin, () => connection.Transport.Output.CancelPendingFlush()),
            ];
            DetachedSocket? socket = await results.Reader.ReadAsync().Within();
            await Task.WhenAll(disturbers).Within();
            if (socket is null)
            {
                await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(peer));
                continue;
            }

            given++;
            harness.To.Adopt(socket, "state");
            peer.Send("#"u8);
            Assert.Equal("?!#"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 3).Within());
            peer.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        }

        await TransportAssert.NoneLeftAsync(harness.Old);
        await TransportAssert.NoneLeftAsync(harness.Next);
        Assert.Equal(given, harness.Next.Count("adopted"));
        Assert.Equal(0, harness.Old.Count("faults") + harness.Next.Count("faults"));
    }

    private static Task Disturb(Barrier begin, Action action) => Task.Factory.StartNew(
        () =>
        {
            begin.SignalAndWait();
            action();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static async Task ReadToEndAsync(Socket peer)
    {
        while (await peer.ReceiveAsync(new byte[16]).Within() > 0)
        {
        }
    }
}
