using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Guarantees of the event loops only: the thread of the handler, allocations, wake-ups and fairness.</summary>
public sealed class EventLoopTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task Reads_and_flushes_continue_on_the_loop()
    {
        var done = new TaskCompletionSource<bool[]>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            EventLoop loop = ((LoopConnection)connection).Loop;
            List<bool> seen = [loop.IsOnLoop];
            ReadResult result = await connection.Transport.Input.ReadAsync();
            seen.Add(loop.IsOnLoop);
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.Write(new byte[8 * 1024 * 1024]);
            await connection.Transport.Output.FlushAsync();
            seen.Add(loop.IsOnLoop);
            done.SetResult([.. seen]);
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("a"u8.ToArray());
        await Task.WhenAny(done.Task, Task.Run(() => { while (socket.Receive(new byte[65536]) > 0) { } }));
        Assert.All(await done.Task.Within(), Assert.True);
    }

    [Fact]
    public async Task An_echoed_message_allocates_nothing()
    {
        long[] allocated = new long[7];
        int messages = 0;
        var done = new TaskCompletionSource();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            PipeWriter output = connection.Transport.Output;
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                if (result.IsCompleted)
                {
                    done.SetResult();
                    return;
                }

                messages++;
                if (messages % 1_000 == 0)
                {
                    allocated[(messages / 1_000) - 1] = GC.GetAllocatedBytesForCurrentThread();
                }

                output.Write(result.Buffer.FirstSpan);
                input.AdvanceTo(result.Buffer.End);
                await output.FlushAsync();
            }
        });
        using Socket socket = await harness.ConnectAsync();
        byte[] message = new byte[64];
        for (int i = 0; i < 7_100; i++)
        {
            socket.Send(message);
            Assert.Equal(message.Length, socket.Receive(message));
        }

        socket.Shutdown(SocketShutdown.Send);
        await done.Task.Within();

        // After the warm-up at least one window allocates nothing; the runtime itself may allocate once in another.
        Assert.Contains(0, allocated.Zip(allocated.Skip(1), static (before, after) => after - before).Skip(2));
    }

    [Fact]
    public async Task Cancelled_reads_share_a_wake_up_and_none_is_lost()
    {
        var accepted = new TaskCompletionSource<ConnectionContext>();
        int cancelled = 0;
        int asked = 0;
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            accepted.SetResult(connection);
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }

                cancelled = Volatile.Read(ref asked);
            }
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        using Socket socket = await harness.ConnectAsync();
        ConnectionContext connection = await accepted.Task.Within();

        // While the loop is busy, ten thousand calls of four threads need no wake-up.
        using (await HeldLoop.HoldAsync(loop))
        {
            long wakes = loop.Wakes;
            Parallel.For(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            {
                Interlocked.Increment(ref asked);
                connection.Transport.Input.CancelPendingRead();
            });
            Assert.Equal(wakes, loop.Wakes);
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref cancelled) == asked, "the reader saw the last call");

        // Race between sleeping and waking: every call is seen in the end.
        for (int i = 0; i < 5_000; i++)
        {
            Interlocked.Increment(ref asked);
            connection.Transport.Input.CancelPendingRead();
            if (i % 16 == 0)
            {
                await Eventually.TrueAsync(() => Volatile.Read(ref cancelled) == asked, "the reader saw the call");
            }
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref cancelled) == asked, "the reader saw the last call");
    }

    [Fact]
    public async Task A_busy_peer_does_not_starve_the_others()
    {
        // The busy connection always has input.
        int busyReads = 0;
        int readsBetween = 0;
        int quietSeen = 0;
        var stop = new CancellationTokenSource();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            bool isFirst = true;
            bool isBusy = false;
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                if (result.IsCompleted)
                {
                    return;
                }

                isBusy = isFirst ? result.Buffer.FirstSpan[0] == (byte)'B' : isBusy;
                isFirst = false;
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                if (isBusy)
                {
                    busyReads++;

                    // Slower than the client, so that input always remains.
                    Thread.SpinWait(2_000);
                }
                else
                {
                    quietSeen++;
                    readsBetween = busyReads;
                    connection.Transport.Output.Write("."u8);
                    await connection.Transport.Output.FlushAsync();
                }
            }
        });
        using Socket busy = await harness.ConnectAsync();
        using Socket quiet = await harness.ConnectAsync();
        var flood = Task.Run(async () =>
        {
            byte[] block = new byte[256 * 1024];
            block.AsSpan().Fill((byte)'B');
            while (!stop.IsCancellationRequested)
            {
                await busy.SendAsync(block);
            }
        });
        await Eventually.TrueAsync(() => Volatile.Read(ref busyReads) > 100, "the busy connection is busy");
        for (int i = 0; i < 50; i++)
        {
            await quiet.SendAsync("q"u8.ToArray());
            Assert.Equal(1, await quiet.ReceiveAsync(new byte[1]).Within());
        }

        Assert.Equal(50, quietSeen);
        Assert.True(readsBetween > 100);
        await stop.CancelAsync();
        await flood.Within();
    }

    [Fact]
    public async Task Two_handlers_of_one_loop_never_see_each_others_bytes()
    {
        // Each handler holds its input and its half-written answer across an await while the others are served.
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                if (result.Buffer.Length < 4 && !result.IsCompleted)
                {
                    connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                if (result.IsCompleted)
                {
                    return;
                }

                Memory<byte> memory = connection.Transport.Output.GetMemory(8);
                result.Buffer.Slice(0, 2).CopyTo(memory.Span);
                await connection.NextTurnAsync();
                result.Buffer.Slice(2, 2).CopyTo(memory.Span[2..]);
                connection.Transport.Output.Advance(4);
                await connection.NextTurnAsync();
                connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(4));
                await connection.Transport.Output.FlushAsync();
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async index =>
        {
            using Socket socket = await harness.ConnectAsync();
            byte[] message = [(byte)index, (byte)(index + 100), (byte)(index + 50), (byte)index];
            byte[] answer = new byte[4];
            for (int i = 0; i < 300; i++)
            {
                await socket.SendAsync(message);
                for (int at = 0; at < 4;)
                {
                    at += await socket.ReceiveAsync(answer.AsMemory(at)).Within();
                }

                Assert.Equal(message, answer);
            }
        })).Within();
        Assert.InRange(((EventLoopTransport)harness.Transport).Loops[0].Pool.Rented, 0, 2 + 8);
    }

    [Fact]
    public async Task A_continuation_that_throws_ends_its_connection_only()
    {
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            if (result.Buffer.FirstSpan[0] != (byte)'!')
            {
                connection.Transport.Input.AdvanceTo(result.Buffer.Start);
                await EchoHandler.RunAsync(connection);
                return;
            }

            // The continuation is no task: only the loop can catch its exception.
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
#pragma warning disable CA2012 // The awaiter is used as a compiler would use it.
            connection.Transport.Input.ReadAsync().GetAwaiter().UnsafeOnCompleted(static () => throw new InvalidOperationException("on purpose"));
#pragma warning restore CA2012
            var closed = new TaskCompletionSource();
            connection.ConnectionClosed.Register(closed.SetResult);
            await closed.Task;
        });
        using Socket good = await harness.ConnectAsync();
        using Socket bad = await harness.ConnectAsync();
        await bad.SendAsync("!"u8.ToArray());
        for (int i = 0; i < 100; i++)
        {
            await good.SendAsync("g"u8.ToArray());
            Assert.Equal(1, await good.ReceiveAsync(new byte[1]).Within());
            if (i == 50)
            {
                await bad.SendAsync("!"u8.ToArray());
            }
        }

        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "the failed connection is closed");
        Assert.True(harness.Count("faults") >= 1);
    }
}
