using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Buffer growth, copies and number of sends.</summary>
public sealed class LoopBuffersTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task Kept_input_grows_by_larger_pieces_without_copying()
    {
        const int PieceSize = 1_000;
        byte[] sent = new byte[1_000 * PieceSize];
        Random.Shared.NextBytes(sent);
        long moved = 0;
        int rented = 0;
        List<Place> places = [];
        var done = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                List<Place> now = PlacesOf(result.Buffer);
                moved += places.Where((place, index) => !place.IsKeptBy(now[index])).Sum(static place => place.Count);
                places = now;
                if (result.Buffer.Length == sent.Length)
                {
                    rented = ((LoopConnection)connection).Loop.Pool.Rented;
                    done.SetResult(result.Buffer.ToArray());
                    input.AdvanceTo(result.Buffer.End);
                    return;
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                connection.Transport.Output.Write("."u8);
                await connection.Transport.Output.FlushAsync();
            }
        });
        using Socket socket = await harness.ConnectAsync();
        for (int at = 0; at < sent.Length; at += PieceSize)
        {
            // The next piece follows after the answer to the previous one.
            await socket.SendAsync(sent.AsMemory(at, PieceSize));
            if (at + PieceSize < sent.Length)
            {
                Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
            }
        }

        Assert.Equal(sent, await done.Task.Within());

        // At most the bytes of the first read are copied, out of the loop's buffer.
        Assert.InRange(moved, 0, SegmentPool.LargestSize / 4);

        // Each piece is twice as large as the previous one, up to the largest; besides them only the loop's two buffers are rented.
        int[] sizes = [.. places.Select(static place => place.Array.Length)];
        Assert.InRange(sizes[0], SegmentPool.SmallestSize, 2 * SegmentPool.SmallestSize);
        Assert.Equal(SegmentPool.LargestSize, sizes[^1]);
        Assert.Equal(sizes.Skip(1), sizes.SkipLast(1).Select(static size => Math.Min(2 * size, SegmentPool.LargestSize)));
        Assert.InRange(rented, sizes.Length, sizes.Length + 2);
    }

    [Fact]
    public async Task A_flush_that_the_kernel_takes_whole_is_one_send()
    {
        const int Pieces = 10;
        byte[] piece = new byte[1_000];
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }

                for (int i = 0; i < Pieces; i++)
                {
                    connection.Transport.Output.Write(piece);
                }

                await connection.Transport.Output.FlushAsync();
            }
        });
        using Socket socket = await harness.ConnectAsync();
        for (uint round = 1; round <= 20; round++)
        {
            await socket.SendAsync("?"u8.ToArray());
            byte[] answer = new byte[Pieces * piece.Length];
            for (int at = 0; at < answer.Length;)
            {
                at += await socket.ReceiveAsync(answer.AsMemory(at)).Within();
            }

            Assert.Equal(round, TcpInfo.Of(socket).DataSegmentsIn);
        }
    }

    private static List<Place> PlacesOf(ReadOnlySequence<byte> buffer)
    {
        var places = new List<Place>();
        foreach (ReadOnlyMemory<byte> memory in buffer)
        {
            Assert.True(MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment));
            places.Add(new Place(segment.Array!, segment.Offset, segment.Count));
        }

        return places;
    }

    private sealed record Place(byte[] Array, int Offset, int Count)
    {
        public bool IsKeptBy(Place later) => ReferenceEquals(Array, later.Array) && Offset == later.Offset && Count <= later.Count;
    }
}
