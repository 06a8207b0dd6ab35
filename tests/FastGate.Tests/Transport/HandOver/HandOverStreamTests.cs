using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport.HandOver;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>The two streams of bytes of a connection that passes to another owner, whatever is on its way at that moment.</summary>
public sealed class HandOverStreamTests
{
    private const int Length = 24;

    private static readonly byte[] s_stream = [.. Enumerable.Range(1, Length).Select(static value => (byte)value)];

    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    /// <summary>Each connection: the peer sends some bytes, the old owner consumes a part, the new owner reads the rest.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task Input_continues_at_every_offset(TransportKind old, TransportKind next)
    {
        (int Sent, int Consumed)[] cases = [.. Enumerable.Range(0, Length + 1).SelectMany(static sent => Parts(sent).Select(consumed => (sent, consumed)))];
        for (int i = 0; i < cases.Length; i++)
        {
            (int sent, int consumed) = cases[i];
            await CheckInputAsync(old, next, sent, consumed);
        }

        static IEnumerable<int> Parts(int sent) => new[] { 0, 1, sent / 2, sent }.Where(part => part <= sent).Distinct();
    }

    /// <summary>The old owner writes some bytes, flushes a part of them or nothing, and the new owner writes the rest.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task Output_continues_at_every_offset(TransportKind old, TransportKind next)
    {
        for (int written = 0; written <= Length; written++)
        {
            foreach (int flushed in new[] { 0, written / 2, written }.Distinct())
            {
                await CheckOutputAsync(old, next, written, flushed);
            }
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task Output_of_a_peer_that_does_not_read_keeps_its_order(TransportKind old, TransportKind next)
    {
        byte[] large = new byte[8 * 1024 * 1024];
        Random.Shared.NextBytes(large);
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flushEnded = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                // The reader continues while a flush waits for the peer, as in a device's connection.
                Task flushing = FlushAsync(connection.Transport.Output, large, flushEnded);
                ReadResult result = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(result.Buffer.Start);
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
                await flushing;
            },
            static async connection =>
            {
                connection.Transport.Output.Write(s_stream);
                await connection.Transport.Output.FlushAsync();
                ReadResult result = await connection.Transport.Input.ReadAsync();
                connection.Transport.Output.Write(result.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
            });
        using Socket peer = await harness.ConnectAsync();
        await peer.SendAsync("?!"u8.ToArray());
        DetachedSocket socket = (await detached.Task.Within())!;

        // The flush that waited reports the end of the pipe; its bytes travel.
        Assert.True(await flushEnded.Task.Within());
        Assert.NotEqual(0, socket.UnsentOutput.Length);
        Assert.Equal("?!"u8.ToArray(), socket.UnreadInput.ToArray());
        harness.To.Adopt(socket, "state");
        Assert.Equal(large, await TransportAssert.ReceiveAsync(peer, large.Length).Within());
        Assert.Equal(s_stream, await TransportAssert.ReceiveAsync(peer, Length).Within());
        Assert.Equal("?!"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 2).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        peer.Close();
        await TransportAssert.NoneLeftAsync(harness.Old);
        await TransportAssert.NoneLeftAsync(harness.Next);
        Assert.Equal(0, harness.Old.Count("faults") + harness.Next.Count("faults"));
    }

    /// <summary>Input that is much larger than a buffer, of which the old owner has consumed nothing.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task Large_unread_input_keeps_its_order(TransportKind old, TransportKind next)
    {
        byte[] large = new byte[600_000];
        Random.Shared.NextBytes(large);
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                await ReadAsync(connection.Transport.Input, 200_000, consumed: 3);
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            },
            async connection => read.SetResult(await ReadAsync(connection.Transport.Input, large.Length - 3, large.Length - 3)));
        using Socket peer = await harness.ConnectAsync();
        Task sending = Task.Run(() => peer.Send(large));
        DetachedSocket socket = (await detached.Task.Within())!;
        Assert.InRange(socket.UnreadInput.Length, 200_000 - 3, large.Length);
        harness.To.Adopt(socket, "state");
        Assert.Equal(large.AsSpan(3).ToArray(), await read.Task.Within());
        await sending;
    }

    private static async Task CheckInputAsync(TransportKind old, TransportKind next, int sent, int consumed)
    {
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                await ReadAsync(connection.Transport.Input, sent, consumed);
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            },
            async connection => read.SetResult(await ReadAsync(connection.Transport.Input, Length - consumed, Length - consumed)));
        using Socket peer = await harness.ConnectAsync();
        peer.Send(s_stream.AsSpan(0, sent));
        DetachedSocket socket = (await detached.Task.Within())!;
        Assert.Equal(s_stream[consumed..sent], socket.UnreadInput.ToArray());

        // Some bytes arrive while the socket has no owner.
        peer.Send(s_stream.AsSpan(sent, (Length - sent) / 2));
        harness.To.Adopt(socket, "state");
        peer.Send(s_stream.AsSpan(sent + ((Length - sent) / 2)));
        Assert.Equal(s_stream[consumed..], await read.Task.Within());
        await TransportAssert.NoneLeftAsync(harness.Old);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
    }

    private static async Task CheckOutputAsync(TransportKind old, TransportKind next, int written, int flushed)
    {
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                connection.Transport.Output.Write(s_stream.AsSpan(0, flushed));
                await connection.Transport.Output.FlushAsync();
                connection.Transport.Output.Write(s_stream.AsSpan(flushed, written - flushed));
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            },
            connection =>
            {
                connection.Transport.Output.Write(s_stream.AsSpan(written));
                return Task.CompletedTask;
            });
        using Socket peer = await harness.ConnectAsync();
        DetachedSocket socket = (await detached.Task.Within())!;
        Assert.Equal(s_stream[flushed..written], socket.UnsentOutput.ToArray());
        harness.To.Adopt(socket, "state");
        Assert.Equal(s_stream, await TransportAssert.ReceiveAsync(peer, Length).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
    }

    private static async Task FlushAsync(PipeWriter output, byte[] bytes, TaskCompletionSource<bool> ended)
    {
        output.Write(bytes);
        ended.SetResult((await output.FlushAsync()).IsCompleted);
    }

    /// <summary>Reads until that many bytes are there; consumes and returns the first of them.</summary>
    private static async Task<byte[]> ReadAsync(PipeReader input, int length, int consumed)
    {
        while (length > 0)
        {
            ReadResult result = await input.ReadAsync();
            if (result.Buffer.Length >= length)
            {
                byte[] bytes = result.Buffer.Slice(0, consumed).ToArray();
                input.AdvanceTo(result.Buffer.GetPosition(consumed));
                return bytes;
            }

            Assert.False(result.IsCompleted);
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        return [];
    }
}
