using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Output;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Pieces that are sent from the caller's memory: nothing of them is lost, repeated or overtaken, whatever the kernel takes.</summary>
public sealed class LargeOutputTests
{
    private const int SmallPiece = 200;

    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Small_and_large_pieces_arrive_in_order(int seed)
    {
        var random = new Random(seed);
        byte[][] pieces = [.. Enumerable.Range(0, 200).Select(i =>
        {
            byte[] piece = new byte[random.Next(1, i % 2 == 0 ? SmallPiece : 100_000)];
            random.NextBytes(piece);
            return piece;
        })];
        bool[] flushed = [.. pieces.Select(_ => random.Next(3) == 0)];
        await using TransportHarness harness = await StartAsync(async output =>
        {
            for (int i = 0; i < pieces.Length; i++)
            {
                int sent = pieces[i].Length > SmallPiece ? ((ILargeOutput)output).SendNow(pieces[i]) : 0;
                output.Write(pieces[i].AsSpan(sent));
                if (flushed[i])
                {
                    await output.FlushAsync();
                }
            }

            await output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync(static socket => socket.ReceiveBufferSize = 4_096);
        Assert.Equal(pieces.SelectMany(static piece => piece).ToArray(), await ReadToEndAsync(socket));
    }

    [Fact]
    public async Task A_piece_that_the_kernel_takes_leaves_nothing_to_flush()
    {
        byte[] header = "header"u8.ToArray();
        byte[] piece = [.. Enumerable.Range(0, 20_000).Select(static i => (byte)i)];
        var seen = new TaskCompletionSource<(int Sent, long Unflushed)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await StartAsync(async output =>
        {
            output.Write(header);
            int sent = ((ILargeOutput)output).SendNow(piece);
            seen.SetResult((sent, output.UnflushedBytes));
            await output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(header.Concat(piece).ToArray(), await ReadToEndAsync(socket));
        Assert.Equal((piece.Length, 0), await seen.Task.Within());
    }

    /// <summary>Without a write before it there is no scratch, and the caller writes all of the piece.</summary>
    [Fact]
    public async Task A_piece_without_a_header_is_written_as_usual()
    {
        byte[] piece = new byte[20_000];
        await using TransportHarness harness = await StartAsync(async output =>
        {
            output.Write(piece.AsSpan(((ILargeOutput)output).SendNow(piece)));
            await output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(piece, await ReadToEndAsync(socket));
    }

    [Fact]
    public async Task When_the_peer_does_not_read_the_rest_waits_and_nothing_overtakes_it()
    {
        byte[] piece = new byte[1 << 20];
        new Random(5).NextBytes(piece);
        var full = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        int pieces = 0;
        await using TransportHarness harness = await StartAsync(async output =>
        {
            var large = (ILargeOutput)output;
            int sent = piece.Length;
            while (sent == piece.Length)
            {
                output.Write("h"u8);
                sent = large.SendNow(piece);
                output.Write(piece.AsSpan(sent));
                pieces++;
            }

            full.SetResult(sent);
            output.Write("h"u8);
            Assert.Equal(0, large.SendNow(piece));
            output.Write(piece);
            pieces++;
            await output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync(static socket => socket.ReceiveBufferSize = 4_096);
        Assert.InRange(await full.Task.Within(), 0, piece.Length - 1);
        byte[] received = await ReadToEndAsync(socket);
        byte[] each = [(byte)'h', .. piece];
        Assert.Equal(Enumerable.Repeat(each, pieces).SelectMany(static bytes => bytes).ToArray(), received);
    }

    [Fact]
    public async Task A_connection_that_was_aborted_takes_nothing()
    {
        var sent = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            connection.Abort(new ConnectionAbortedException("test"));
            while (!(await connection.Transport.Output.FlushAsync()).IsCompleted)
            {
                await connection.NextTurnAsync();
            }

            connection.Transport.Output.Write("h"u8);
            sent.SetResult(((ILargeOutput)connection.Transport.Output).SendNow(new byte[20_000]));
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync(new byte[1]);
        Assert.Equal(0, await sent.Task.Within());
    }

    [Fact]
    public async Task Another_thread_may_not_send()
    {
        var thrown = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await StartAsync(async output =>
        {
            output.Write("h"u8);
            thrown.SetResult(await Task.Run(() => Record.Exception(() => ((ILargeOutput)output).SendNow(new byte[1]))));
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.IsType<InvalidOperationException>(await thrown.Task.Within());
    }

    private static Task<TransportHarness> StartAsync(Func<PipeWriter, Task> write) =>
        TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(connection => write(connection.Transport.Output));

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).Within();
        return all.ToArray();
    }
}
