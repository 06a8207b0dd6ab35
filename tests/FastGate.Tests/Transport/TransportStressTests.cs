using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>
/// Two loops with abrupt closes, slow readers, held input, cancelled reads and aborts at the same time. Every received byte must be correct,
/// and no connection, buffer or descriptor may remain. ConnectionStressTests does the same with device connections. Never in parallel with
/// other tests, because it counts the descriptors of the process.
/// </summary>
[Collection(nameof(TransportStressTests))]
[CollectionDefinition(nameof(TransportStressTests), DisableParallelization = true)]
public sealed class TransportStressTests
{
    private const int Clients = 24;
    private const int CancelWay = 2;
    private const int AbortWay = 3;
    private const int PartsWay = 4;
    private const int Ways = 5;

    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task No_byte_is_wrong_and_nothing_leaks()
    {
        long rounds = 0;
        await WarmUpAsync();
        int descriptors = OpenDescriptors.Count();
        var settings = new TransportOptions { EventLoops = 2, Linger = TimeSpan.FromMilliseconds(200) };
        await using (TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, settings).StartAsync(ServeAsync))
        {
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => Task.Run(async () =>
            {
                var random = new Random(index);
                while (watch.Elapsed < s_duration)
                {
                    await RunClientAsync(harness, random);
                    Interlocked.Increment(ref rounds);
                }
            })));
            await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0 && harness.Count("open") == 0, "no connection left");
            foreach (EventLoop loop in ((EventLoopTransport)harness.Transport).Loops)
            {
                await Eventually.TrueAsync(() => loop.HandlerCount == 0 && loop.Connections.Count == 0, "no handler left");

                // The loop's own two buffers may be rented; a negative count would be a piece returned twice.
                await Eventually.TrueAsync(() => loop.Pool.Rented is >= 0 and <= 2, "no buffer left");
            }

            Assert.True(harness.Count("accepted") >= rounds);
            Assert.Equal(0, harness.Count("faults"));
        }

        Assert.True(rounds > Clients);
        Assert.InRange(OpenDescriptors.Count(), 0, descriptors);
    }

    /// <summary>
    /// Echoes. The first byte selects how: 1 holds the input across a turn of the loop, 2 has its reads cancelled by another thread,
    /// 3 is aborted by another thread, 4 consumes in small parts.
    /// </summary>
    private static async Task ServeAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        int way = -1;
        using var stop = new CancellationTokenSource();
        Task helper = Task.CompletedTask;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                ReadOnlySequence<byte> buffer = result.Buffer;
                if (way < 0 && !buffer.IsEmpty)
                {
                    way = buffer.FirstSpan[0] % Ways;
                    buffer = buffer.Slice(1);
                    helper = way is CancelWay or AbortWay ? Task.Run(() => DisturbAsync(connection, way == AbortWay, stop.Token)) : helper;
                }

                if (way == 1)
                {
                    await connection.NextTurnAsync();
                }
                else if (way == PartsWay)
                {
                    buffer = buffer.Slice(0, (buffer.Length + 1) / 2);
                    if (Random.Shared.Next(2) == 0)
                    {
                        await connection.NextTurnAsync();
                    }
                }

                foreach (ReadOnlyMemory<byte> piece in buffer)
                {
                    output.Write(piece.Span);
                }

                bool isRest = buffer.End.Equals(result.Buffer.End);
                input.AdvanceTo(buffer.End);
                FlushResult flushed = await output.FlushAsync();
                if ((result.IsCompleted && isRest) || flushed.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // Reset by the client or aborted, as intended. ConnectionAbortedException is no IOException.
        }
        catch (ConnectionAbortedException)
        {
        }
        finally
        {
            await stop.CancelAsync();
            await helper;
        }
    }

    private static async Task DisturbAsync(ConnectionContext connection, bool abort, CancellationToken stop)
    {
        for (int i = 0; i < 200 && !stop.IsCancellationRequested; i++)
        {
            connection.Transport.Input.CancelPendingRead();
            await Task.Yield();
        }

        if (abort && !stop.IsCancellationRequested)
        {
            connection.Abort(new ConnectionAbortedException("on purpose"));
        }
    }

    private static async Task RunClientAsync(TransportHarness harness, Random random)
    {
        using Socket socket = await harness.ConnectAsync();
        int way = random.Next(Ways);
        bool isSlow = random.Next(4) == 0;
        if (isSlow)
        {
            socket.ReceiveBufferSize = 16 * 1024;
        }

        uint seed = (uint)random.Next();
        int total = 4 * random.Next(1, random.Next(3) == 0 ? (isSlow ? 50_000 : 500_000) : 2_000);
        int leaveAt = random.Next(3) == 0 ? random.Next(total) : int.MaxValue;
        try
        {
            await socket.SendAsync(new[] { (byte)way });
            Task sending = SendAsync(socket, seed, total, random.Next(1, 5));
            long received = await ReceiveAsync(socket, seed, Math.Min(total, leaveAt), isSlow, way);
            if (leaveAt < total)
            {
                // Abrupt: a reset, or a close in the middle.
                socket.LingerState = new LingerOption(random.Next(2) == 0, 0);
                socket.Close();
                await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
                return;
            }

            await sending;
            if (way != AbortWay)
            {
                Assert.Equal(total, received);
                socket.Shutdown(SocketShutdown.Send);
                Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
            }
        }
        catch (SocketException) when (way == AbortWay)
        {
            // Aborted by the server, as intended.
        }
    }

    private static async Task SendAsync(Socket socket, uint seed, int total, int pieces)
    {
        byte[] bytes = new byte[total];
        for (int at = 0; at < total; at += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), seed + (uint)at);
        }

        int size = Math.Max(1, total / pieces);
        for (int at = 0; at < total; at += size)
        {
            for (int sent = 0, length = Math.Min(size, total - at); sent < length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(at + sent, length - sent));
            }
        }
    }

    private static async Task<long> ReceiveAsync(Socket socket, uint seed, int total, bool isSlow, int way)
    {
        byte[] buffer = new byte[isSlow ? 1_000 : 60_000];
        byte[] word = new byte[4];
        int at = 0;
        while (at < total)
        {
            int count = await ReceiveSomeAsync(socket, buffer, $"{at} of {total} bytes, slow {isSlow}, way {way}");
            if (count == 0)
            {
                break;
            }

            for (int i = 0; i < count; i++, at++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(word, seed + (uint)(at & ~3));
                Assert.Equal(word[at & 3], buffer[i]);
            }

            if (isSlow)
            {
                await Task.Yield();
            }
        }

        return at;
    }

    private static async Task<int> ReceiveSomeAsync(Socket socket, byte[] buffer, string progress)
    {
        try
        {
            return await socket.ReceiveAsync(buffer).Within();
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Nothing received after {progress}; {socket.Available} bytes are available.", exception);
        }
    }

    /// <summary>Opens what the framework opens once and keeps, before descriptors are counted.</summary>
    private static async Task WarmUpAsync()
    {
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("a"u8.ToArray());
        await socket.ReceiveAsync(new byte[1]).Within();
    }
}
