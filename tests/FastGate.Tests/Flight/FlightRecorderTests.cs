using FastGate.Connections;

namespace FastGate.Tests.Connections;

public sealed class HandshakeRecorderTests
{
    [Fact]
    public void Newest_records_come_first_and_the_ring_is_bounded()
    {
        var recorder = new HandshakeRecorder();
        for (int i = 0; i < 1_500; i++)
        {
            recorder.Add(Record(i));
        }

        IReadOnlyList<HandshakeRecord> all = recorder.Newest(int.MaxValue);

        Assert.Equal(1_500, recorder.Total);
        Assert.Equal(Enumerable.Range(500, 1_000).Reverse(), all.Select(static record => record.Status));
        Assert.Equal([1_499, 1_498], recorder.Newest(2).Select(static record => record.Status));
        Assert.Empty(recorder.Newest(0));
    }

    [Fact]
    public void Partly_filled_ring_returns_its_records()
    {
        var recorder = new HandshakeRecorder(4);
        Assert.Empty(recorder.Newest(10));
        recorder.Add(Record(1));
        recorder.Add(Record(2));

        Assert.Equal([2, 1], recorder.Newest(10).Select(static record => record.Status));
    }

    [Fact]
    public void No_record_is_lost_from_the_total_with_several_threads()
    {
        var recorder = new HandshakeRecorder(16);
        Thread[] writers = [.. Enumerable.Range(0, 4).Select(writer => new Thread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                recorder.Add(Record(writer));
            }
        }))];
        Array.ForEach(writers, static writer => writer.Start());
        while (writers.Any(static writer => writer.IsAlive))
        {
            Assert.True(recorder.Newest(1_000).Count <= 16);
        }

        Assert.Equal(80_000, recorder.Total);
        Assert.Equal(16, recorder.Newest(1_000).Count);
    }

    private static HandshakeRecord Record(int status) =>
        new() { At = DateTimeOffset.UnixEpoch, RemoteAddress = "127.0.0.1:1", Target = "/", Status = status };
}
