using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace FastGate.Tests.Transport;

/// <summary>The contract of PipeReader, on the framework's pipe and on an event loop's.</summary>
public sealed class PipeReaderContractTests
{
    public static TheoryData<PipeKind> Kinds => [PipeKind.Framework, PipeKind.EventLoop];

    [Theory, MemberData(nameof(Kinds))]
    public Task Examined_bytes_that_are_not_consumed_return_with_more(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abc"u8);
        ReadResult result = await ReadAsync(subject, 3);
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        ValueTask<ReadResult> pending = subject.Input.ReadAsync();
        subject.Feed("d"u8);
        result = await pending;
        Assert.Equal("bcd", Text(result));
        subject.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        subject.Feed("ef"u8);
        result = await ReadAsync(subject, 5);
        Assert.Equal("bcdef", Text(result));
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Unexamined_bytes_return_at_once(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abcdef"u8);
        ReadResult result = await ReadAsync(subject, 6);
        subject.Input.AdvanceTo(result.Buffer.GetPosition(2));
        result = await subject.Input.ReadAsync();
        Assert.Equal("cdef", Text(result));
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.GetPosition(2));
        Assert.True(subject.Input.TryRead(out result));
        Assert.Equal("def", Text(result));
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Default_positions_consume_and_examine_nothing(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abc"u8);
        await ReadAsync(subject, 3);
        subject.Input.AdvanceTo(default);
        ReadResult result = await subject.Input.ReadAsync();
        Assert.Equal("abc", Text(result));

        // Nothing consumed and everything examined: the next read waits for more.
        subject.Input.AdvanceTo(default, result.Buffer.End);
        ValueTask<ReadResult> pending = subject.Input.ReadAsync();
        Assert.False(pending.IsCompleted);
        subject.Feed("d"u8);
        result = await pending;
        Assert.Equal("abcd", Text(result));
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task A_read_without_data_waits(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        Assert.False(subject.Input.TryRead(out _));
        Assert.False(subject.Input.TryRead(out _));
        Task<ReadResult> pending = subject.Input.ReadAsync().AsTask();
        Assert.False(pending.IsCompleted);
        subject.Feed("x"u8);
        Assert.Equal("x", Text(await pending));
        subject.Input.AdvanceTo((await pending).Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task IsCompleted_comes_with_the_last_bytes_and_stays(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abc"u8);
        subject.EndFeed();
        ReadResult result = await subject.Input.ReadAsync();
        while (!result.IsCompleted)
        {
            subject.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await subject.Input.ReadAsync();
        }

        Assert.Equal("abc", Text(result));
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        result = await subject.Input.ReadAsync();
        Assert.True(result.IsCompleted);
        Assert.Equal("bc", Text(result));
        subject.Input.AdvanceTo(result.Buffer.End);
        result = await subject.Input.ReadAsync();
        Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
        subject.Input.AdvanceTo(result.Buffer.End);
        Assert.True(subject.Input.TryRead(out result));
        Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Cancelling_ends_a_waiting_read_or_the_next_one(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        ValueTask<ReadResult> pending = subject.Input.ReadAsync();
        subject.Input.CancelPendingRead();
        ReadResult result = await pending;
        Assert.True(result.IsCanceled && result.Buffer.IsEmpty && !result.IsCompleted);
        subject.Input.AdvanceTo(result.Buffer.End);

        subject.Input.CancelPendingRead();
        subject.Input.CancelPendingRead();
        result = await subject.Input.ReadAsync();
        Assert.True(result.IsCanceled);
        subject.Input.AdvanceTo(result.Buffer.End);

        subject.Feed("abc"u8);
        result = await ReadAsync(subject, 3);
        Assert.False(result.IsCanceled);
        subject.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        subject.Input.CancelPendingRead();
        result = await subject.Input.ReadAsync();
        Assert.True(result.IsCanceled);
        Assert.Equal("abc", Text(result));
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Misuse_throws(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        Assert.Throws<InvalidOperationException>(() => subject.Input.AdvanceTo(default(ReadOnlySequence<byte>).Start));
        subject.Feed("abc"u8);
        ReadResult result = await ReadAsync(subject, 3);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await subject.Input.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => subject.Input.TryRead(out _));
        Assert.Throws<InvalidOperationException>(() => subject.Input.AdvanceTo(result.Buffer.End, result.Buffer.Start));
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Reading_after_completion_throws(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abc"u8);
        ReadResult result = await ReadAsync(subject, 3);
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1));
        subject.Input.Complete();
        subject.Input.Complete();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await subject.Input.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => subject.Input.TryRead(out _));
        Assert.Throws<InvalidOperationException>(() => subject.Input.AdvanceTo(default));
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Completing_with_an_exception_ends_reading_only(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abc"u8);
        ReadResult result = await ReadAsync(subject, 3);
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1));
        subject.Input.Complete(new InvalidDataException("on purpose"));
        subject.Input.Complete(new InvalidDataException("again"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await subject.Input.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => subject.Input.TryRead(out _));

        // The exception is for the other end of a pipe, which a socket does not have. The output still works.
        subject.Output.Write("still"u8);
        Task<FlushResult> flush = subject.Output.FlushAsync().AsTask();
        Assert.Equal("still"u8.ToArray(), await subject.TakeAsync(5));
        Assert.False((await flush).IsCompleted);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task A_reset_fails_each_read(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        ValueTask<ReadResult> pending = subject.Input.ReadAsync();
        subject.Break();
        await Assert.ThrowsAnyAsync<IOException>(async () => await pending);
        await Assert.ThrowsAnyAsync<IOException>(async () => await subject.Input.ReadAsync());
        Assert.ThrowsAny<IOException>(() => subject.Input.TryRead(out _));
        subject.Output.GetSpan(1)[0] = 1;
        subject.Output.Advance(1);
        Assert.True((await subject.Output.FlushAsync()).IsCompleted);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task A_sequence_survives_awaits_and_other_threads(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        byte[] sent = Random.Shared.GetItems("0123456789"u8, 3_000);
        subject.Feed(sent);
        ReadResult result = await ReadAsync(subject, sent.Length);
        for (int i = 0; i < 100; i++)
        {
            await Task.Yield();
        }

        Assert.Equal(sent, result.Buffer.ToArray());
        subject.Input.AdvanceTo(result.Buffer.GetPosition(1_000), result.Buffer.End);
        ValueTask<ReadResult> pending = subject.Input.ReadAsync();
        subject.Feed("!"u8);
        result = await pending;
        Assert.Equal([.. sent[1_000..], (byte)'!'], result.Buffer.ToArray());
        subject.Input.AdvanceTo(result.Buffer.End);
    });

    [Theory, MemberData(nameof(Kinds))]
    public Task Read_at_least_copy_and_stream_work(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        subject.Feed("abcdef"u8);
        ReadResult result = await subject.Input.ReadAtLeastAsync(6);
        Assert.Equal("abcdef", Text(result));
        subject.Input.AdvanceTo(result.Buffer.GetPosition(3));
        byte[] three = new byte[3];
        await subject.Input.AsStream(leaveOpen: true).ReadExactlyAsync(three);
        Assert.Equal("def"u8.ToArray(), three);
        subject.Feed("ghi"u8);
        subject.EndFeed();
        using var copy = new MemoryStream();
        await subject.Input.CopyToAsync(copy);
        Assert.Equal("ghi"u8.ToArray(), copy.ToArray());
    });

    /// <summary>Random sizes and random advances: the consumed bytes equal the sent bytes.</summary>
    [Theory]
    [InlineData(PipeKind.Framework)]
    [InlineData(PipeKind.EventLoop)]
    public Task Random_advances_lose_and_repeat_no_byte(PipeKind kind) => PipeSubject.RunAsync(kind, async subject =>
    {
        var random = new Random(20_261_123);
        var sent = new List<byte>();
        var consumed = new List<byte>();
        for (int round = 0; round < 300; round++)
        {
            byte[] piece = new byte[random.Next(3) == 0 ? random.Next(1, 40_000) : random.Next(1, 300)];
            random.NextBytes(piece);
            subject.Feed(piece);
            sent.AddRange(piece);
            for (int look = random.Next(1, 4); look > 0 && consumed.Count < sent.Count; look--)
            {
                ReadResult result = await subject.Input.ReadAsync();
                long length = result.Buffer.Length;
                Assert.NotEqual(0, length);
                long take = random.Next(2) == 0 ? length : random.NextInt64(length + 1);
                consumed.AddRange(result.Buffer.Slice(0, take).ToArray());

                // After the last byte, examined must not pass consumed, or the next read waits without end.
                bool isAllHere = consumed.Count + (length - take) == sent.Count;
                subject.Input.AdvanceTo(result.Buffer.GetPosition(take), isAllHere ? result.Buffer.GetPosition(take) : result.Buffer.End);
            }
        }

        subject.EndFeed();
        while (true)
        {
            ReadResult result = await subject.Input.ReadAsync();
            consumed.AddRange(result.Buffer.ToArray());
            subject.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        Assert.Equal(sent.Count, consumed.Count);
        Assert.True(sent.SequenceEqual(consumed));
    });

    private static string Text(ReadResult result) => Encoding.ASCII.GetString(result.Buffer);

    /// <summary>Reads until the given number of bytes has arrived.</summary>
    private static async Task<ReadResult> ReadAsync(PipeSubject subject, int count)
    {
        ReadResult result = await subject.Input.ReadAsync();
        while (result.Buffer.Length < count)
        {
            subject.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await subject.Input.ReadAsync();
        }

        return result;
    }
}
