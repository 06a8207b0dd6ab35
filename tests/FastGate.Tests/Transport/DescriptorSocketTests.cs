using System.Globalization;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Bytes and descriptors between two processes. The descriptors of these tests are eventfds, which a number tells apart.</summary>
public sealed class DescriptorSocketTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_none = TimeSpan.Zero;
    private readonly List<int> _open = [];
    private readonly List<int> _received = [];

    public void Dispose() => _open.Concat(_received).ToList().ForEach(static descriptor => LinuxSocket.Close(descriptor));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(249)]
    [InlineData(DescriptorSocket.MaxDescriptors)]
    public void Descriptors_arrive_in_order_and_are_closed_on_exec(int count)
    {
        using var pair = new UnixSocketPair();

        pair.Sender.Send([7], Numbered(count), s_limit);
        byte[] bytes = new byte[1];
        pair.Receiver.ReceiveAll(bytes, _received, s_limit);

        Assert.Equal(7, bytes[0]);
        Assert.Equal(Enumerable.Range(1, count), _received.Select(NumberOf));
        Assert.All(_received, static descriptor => Assert.True((FlagsOf(descriptor) & Convert.ToInt64("2000000", 8)) != 0));
    }

    [Fact]
    public void More_descriptors_than_a_message_carries_are_refused()
    {
        using var pair = new UnixSocketPair();
        int[] many = Enumerable.Repeat(0, DescriptorSocket.MaxDescriptors + 1).ToArray();

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Sender.Send([1], many, s_limit));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Sender.Send([], [0], s_limit));
    }

    [Theory]
    [InlineData(4, 7)]
    [InlineData(2, 250)]
    public void Message_whose_descriptors_were_cut_off_is_refused_and_leaves_none_open(int capacity, int sent)
    {
        using var pair = new UnixSocketPair(capacity);
        pair.Sender.Send([1], Numbered(sent), s_limit);
        int before = EventDescriptors();

        Assert.Throws<IOException>(() => pair.Receiver.Receive(new byte[1], _received, s_limit));

        Assert.Empty(_received);
        Assert.Equal(before, EventDescriptors());
    }

    [Fact]
    public void Large_read_ends_behind_the_bytes_that_descriptors_came_with()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Send("one."u8, Numbered(1), s_limit);
        pair.Sender.Send("two."u8, Numbered(2), s_limit);
        byte[] bytes = new byte[64];

        Assert.Equal(4, pair.Receiver.Receive(bytes, _received, s_limit));
        Assert.Equal([1], _received.Select(NumberOf));
        Assert.Equal(4, pair.Receiver.Receive(bytes, _received, s_limit));
        Assert.Equal([1, 1, 2], _received.Select(NumberOf));
    }

    [Fact]
    public void Exact_reads_keep_descriptors_with_their_message()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Send("none"u8, [], s_limit);
        pair.Sender.Send("some"u8, Numbered(3), s_limit);
        pair.Sender.Send("body"u8, [], s_limit);
        byte[] bytes = new byte[4];

        pair.Receiver.ReceiveAll(bytes, _received, s_limit);
        Assert.Empty(_received);
        pair.Receiver.ReceiveAll(bytes, _received, s_limit);
        Assert.Equal([1, 2, 3], _received.Select(NumberOf));
        pair.Receiver.ReceiveAll(bytes, _received, s_limit);
        Assert.Equal(3, _received.Count);
        Assert.Equal("body"u8, bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(15)]
    public void Message_in_two_halves_is_read_whole(int cut)
    {
        using var pair = new UnixSocketPair();
        byte[] sent = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)];
        byte[] received = new byte[16];

        pair.Sender.Send(sent.AsSpan(0, cut), Numbered(2), s_limit);
        Assert.Throws<TimeoutException>(() => pair.Receiver.ReceiveAll(received, _received, s_none));
        pair.Sender.Send(sent.AsSpan(cut), [], s_limit);
        pair.Receiver.ReceiveAll(received.AsSpan(cut), _received, s_limit);

        Assert.Equal(sent, received);
        Assert.Equal([1, 2], _received.Select(NumberOf));
    }

    [Fact]
    public async Task Large_body_is_sent_while_it_is_read()
    {
        using var pair = new UnixSocketPair();
        byte[] sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        byte[] received = new byte[sent.Length];

        var sending = Task.Run(() => pair.Sender.Send(sent, Numbered(5), s_limit));
        pair.Receiver.ReceiveAll(received, _received, s_limit);
        await sending.Within();

        Assert.Equal(sent, received);
        Assert.Equal(5, _received.Count);
    }

    [Fact]
    public void Peer_that_has_closed_is_an_end_for_the_reader_and_an_exception_for_the_writer()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Dispose();

        Assert.Equal(0, pair.Receiver.Receive(new byte[8], _received, s_limit));
        Assert.Throws<PeerClosedException>(() => pair.Receiver.ReceiveAll(new byte[8], _received, s_limit));
        Assert.Throws<PeerClosedException>(() => pair.Receiver.Send([1], [], s_limit));
    }

    [Fact]
    public void Peer_that_closes_inside_a_message_is_reported()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Send([1, 2, 3], Numbered(1), s_limit);
        pair.Sender.Dispose();

        Assert.Throws<PeerClosedException>(() => pair.Receiver.ReceiveAll(new byte[8], _received, s_limit));
        Assert.Single(_received);
    }

    /// <summary>The decision of the hand-over: an answer that was sent before its sender died must be read.</summary>
    [Fact]
    public void Answer_that_was_sent_before_the_peer_closed_with_unread_bytes_is_received()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Send("unread"u8, Numbered(4), s_limit);
        pair.Receiver.Send([9], [], s_limit);
        pair.Receiver.Dispose();
        byte[] answer = new byte[1];

        Assert.Equal(1, pair.Sender.Receive(answer, _received, s_limit));
        Assert.Equal(9, answer[0]);
        Assert.Equal(0, pair.Sender.Receive(answer, _received, s_limit));
        Assert.Throws<PeerClosedException>(() => pair.Sender.Send([1], [], s_limit));
    }

    [Fact]
    public void Descriptors_that_were_sent_before_the_peer_died_are_received()
    {
        using var pair = new UnixSocketPair();
        pair.Sender.Send([1], Numbered(2), s_limit);
        pair.Sender.Dispose();

        Assert.Equal(1, pair.Receiver.Receive(new byte[1], _received, s_limit));
        Assert.Equal([1, 2], _received.Select(NumberOf));
    }

    [Fact]
    public void Calls_end_at_their_limit()
    {
        using var pair = new UnixSocketPair();

        Assert.Throws<TimeoutException>(() => pair.Receiver.Receive(new byte[1], _received, TimeSpan.FromMilliseconds(10)));
        Assert.Throws<TimeoutException>(() => pair.Sender.Send(new byte[10_000_000], [], TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void Peer_is_known_by_its_process_and_user()
    {
        using var pair = new UnixSocketPair();

        Assert.Equal(Environment.ProcessId, pair.Receiver.Peer.ProcessId);
        Assert.True(pair.Receiver.Peer.IsTrusted);
        Assert.True(new PeerCredentials(1, 0).IsTrusted);
        Assert.False(new PeerCredentials(1, LibC.EffectiveUser() + 1).IsTrusted);
    }

    /// <summary>Eventfds whose counts are 1, 2, 3 and so on.</summary>
    private int[] Numbered(int count)
    {
        int[] descriptors = [.. Enumerable.Range(0, count).Select(static _ => LinuxEpoll.CreateEvent())];
        _open.AddRange(descriptors);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                LinuxEpoll.WriteEvent(descriptors[i]);
            }
        }

        return descriptors;
    }

    private static int NumberOf(int descriptor) => Convert.ToInt32(InfoOf(descriptor, "eventfd-count:"), 16);

    private static long FlagsOf(int descriptor) => Convert.ToInt64(InfoOf(descriptor, "flags:"), 8);

    private static string InfoOf(int descriptor, string key) =>
        File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{descriptor}"))
            .First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..]
            .Trim();

    /// <summary>Open copies of this test's eventfds: other tests run beside it, and each eventfd has a number of its own.</summary>
    private int EventDescriptors()
    {
        HashSet<string> own = [.. _open.Select(static descriptor => InfoOf(descriptor, "eventfd-id:"))];
        return Directory.GetFileSystemEntries("/proc/self/fdinfo").Count(path =>
        {
            try
            {
                return File.ReadLines(path).Any(line => line.StartsWith("eventfd-id:", StringComparison.Ordinal) && own.Contains(line["eventfd-id:".Length..].Trim()));
            }
            catch (IOException)
            {
                return false;
            }
        });
    }
}
