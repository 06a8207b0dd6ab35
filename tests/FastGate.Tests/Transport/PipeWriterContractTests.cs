using System.Buffers;
using System.IO.Pipelines;

namespace FastGate.Tests.Transport;

/// <summary>The contract of PipeWriter, on the framework's pipe and on an event loop's.</summary>
public sealed class PipeWriterContractTests
{
    public static TheoryData<PipeKind> Kinds => [PipeKind.Framework, PipeKind.EventLoop];

    [Theory, MemberData(nameof(Kinds))]
    public Task Written_bytes_arrive_in_order(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        var random = new Random(7);
        for (int round = 0; round < 50; round++)
        {
            byte[] bytes = new byte[random.Next(1, 30_000)];
            random.NextBytes(bytes);
            for (int at = 0; at < bytes.Length;)
            {
                int part = Math.Min(random.Next(1, 9_000), bytes.Length - at);
                Memory<byte> memory = subject.Output.GetMemory(random.Next(3) == 0 ? part : 0);
                part = Math.Min(part, memory.Length);
                bytes.AsMemory(at, part).CopyTo(memory);
                if (random.Next(4) == 0)
                {
                    // An await between GetMemory and Advance.
                    await Task.Yield();
                }

                subject.Output.Advance(part);
                at += part;
            }

            Task<FlushResult> flush = subject.Output.FlushAsync().AsTask();
            Assert.Equal(bytes, await subject.TakeAsync(bytes.Length));
            FlushResult result = await flush;
            Assert.True(result is { IsCanceled: false, IsCompleted: false });
        }
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Unflushed_bytes_are_counted(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        Assert.True(subject.Output.CanGetUnflushedBytes);
        Assert.Equal(0, subject.Output.UnflushedBytes);
        subject.Output.GetSpan(10);
        subject.Output.Advance(10);
        subject.Output.Write(new byte[5]);
        Assert.Equal(15, subject.Output.UnflushedBytes);
        Task<FlushResult> flush = subject.Output.FlushAsync().AsTask();
        await subject.TakeAsync(15);
        await flush;
        Assert.Equal(0, subject.Output.UnflushedBytes);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task GetMemory_returns_a_large_size_hint_in_one_piece(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        byte[] bytes = Random.Shared.GetItems("ab"u8, 300_000);
        subject.Output.Write("x"u8);
        Memory<byte> memory = subject.Output.GetMemory(bytes.Length);
        Assert.True(memory.Length >= bytes.Length);
        bytes.CopyTo(memory);
        subject.Output.Advance(bytes.Length);
        Task<FlushResult> flush = subject.Output.FlushAsync().AsTask();
        byte[] taken = await subject.TakeAsync(bytes.Length + 1);
        await flush;
        Assert.Equal((byte)'x', taken[0]);
        Assert.Equal(bytes, taken[1..]);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Unused_memory_does_not_delay_written_bytes(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        // Each larger than the free space of the previous one.
        for (int i = 0; i < 40; i++)
        {
            subject.Output.GetMemory((64 * 1024) + 1 + i);
        }

        subject.Output.Write("last"u8);
        Task<FlushResult> flush = subject.Output.FlushAsync().AsTask();
        Assert.Equal("last"u8.ToArray(), await subject.TakeAsync(4));
        Assert.False((await flush.Within()).IsCompleted);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Advancing_too_far_throws(PipeKind kind) => PipeSubject.RunAsync(kind, subject =>
    {
        int length = subject.Output.GetMemory(1).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => subject.Output.Advance(length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => subject.Output.Advance(-1));
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task A_reset_ends_a_waiting_flush_and_a_waiting_read(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Output.Write(new byte[8 * 1024 * 1024]);
        async Task<bool> FlushTwiceAsync()
        {
            // Continues inside the loop's callback, and flushes again there.
            bool isCompleted = (await subject.Output.FlushAsync()).IsCompleted;
            subject.Output.Write("x"u8);
            return isCompleted && (await subject.Output.FlushAsync()).IsCompleted;
        }

        async Task ReadAsync() => await subject.Input.ReadAsync();
        Task<bool> flush = FlushTwiceAsync();
        Task read = ReadAsync();
        subject.Break();
        Assert.True(await flush.Within());
        await Assert.ThrowsAnyAsync<IOException>(() => read.Within());
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Completing_sends_the_rest_and_ends_the_sending_side(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Output.Write("last"u8);
        subject.Output.Complete();
        subject.Output.Complete();
        Assert.Equal("last"u8.ToArray(), await subject.TakeAsync(4));
        Assert.True(await subject.HasEndedAsync());
        Assert.Throws<InvalidOperationException>(() => subject.Output.GetMemory());

        // Only the sending side is closed; reading continues.
        subject.Feed("still here"u8);
        ReadResult result = await subject.Input.ReadAtLeastAsync(10);
        Assert.Equal("still here"u8.ToArray(), result.Buffer.ToArray());
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Completing_with_an_exception_resets_the_connection(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Output.Write("never to be seen"u8);
        subject.Output.Complete(new InvalidDataException("on purpose"));
        subject.Output.Complete();
        Assert.Throws<InvalidOperationException>(() => subject.Output.GetMemory());
        Assert.True(await subject.IsBrokenAsync());
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task A_second_flush_at_once_throws(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Output.Write(new byte[8 * 1024 * 1024]);
        Task<FlushResult> first = subject.Output.FlushAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await subject.Output.FlushAsync());
        Assert.False(first.IsCompletedSuccessfully);
    });
}
