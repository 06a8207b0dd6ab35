using System.Net;
using FastGate.Fleet;
using FastGate.Flight;

namespace FastGate.Tests.Flight;

/// <summary>The rings of the flight recorder.</summary>
public sealed class FlightRecorderTests
{
    [Fact]
    public void Newest_records_come_first_and_each_ring_is_bounded()
    {
        var recorder = new FlightRecorder();
        for (int i = 0; i < 300; i++)
        {
            recorder.Add(Record(Verdict.BadKey, i));
        }

        Assert.Equal(300, recorder.Handshakes);
        Assert.Equal(Enumerable.Range(300 - FlightRecorder.Capacity, FlightRecorder.Capacity).Reverse(), recorder.Newest(int.MaxValue).Select(static record => record.Status));
        Assert.Equal([299, 298], recorder.Newest(2).Select(static record => record.Status));
        Assert.Empty(recorder.Newest(0));
    }

    [Fact]
    public void Flood_of_one_verdict_keeps_the_records_of_the_others()
    {
        var recorder = new FlightRecorder(4);
        recorder.Add(Record(Verdict.TokenExpired, 1));
        for (int i = 0; i < 100_000; i++)
        {
            recorder.Add(Record(Verdict.Scanner, 2));
        }

        Assert.Equal([2, 2, 2, 2, 1], recorder.Newest(10).Select(static record => record.Status));
        Assert.Equal(100_001, recorder.Total);
    }

    [Fact]
    public void Ends_and_health_checks_are_no_failed_handshakes()
    {
        var recorder = new FlightRecorder();
        recorder.Add(Record(Verdict.HealthCheck, 1));
        recorder.Add(Record(Verdict.Left, 2));
        recorder.Add(Record(Verdict.IdMissing, 3));

        Assert.Equal(1, recorder.Handshakes);
        Assert.Equal(3, Assert.Single(recorder.Newest(10)).Status);
        Assert.Equal([3, 2, 1], recorder.Newest(10, static _ => true).Select(static record => record.Status));
    }

    [Fact]
    public void No_record_is_lost_from_the_counts_with_several_threads()
    {
        var recorder = new FlightRecorder(16);
        Thread[] writers = [.. Enumerable.Range(0, 4).Select(writer => new Thread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                recorder.Add(Record(Verdict.BadHost, writer));
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

    [Fact]
    public void Every_verdict_has_its_texts_in_both_languages()
    {
        Verdict[] verdicts = Enum.GetValues<Verdict>();
        Assert.Equal(verdicts.Length, verdicts.Select(static verdict => verdict.Tag()).Distinct().Count());
        Assert.All(verdicts, static verdict =>
        {
            VerdictText text = verdict.Text();
            Assert.All([text.Summary, text.Remedy], static line =>
            {
                Assert.EndsWith(".", line.En.TrimEnd('"', ';'), StringComparison.Ordinal);
                Assert.Contains(line.Zh, static character => character is >= '\u4e00' and <= '\u9fff');
            });
        });
    }

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("198.51.100.4", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("198.51.100.5", false)]
    [InlineData("203.0.113.0/24", true)]
    [InlineData("198.51.0.0/16", true)]
    [InlineData("203.0.113.8/29", false)]
    [InlineData("2001:db8::/32", false)]
    public void Record_belongs_to_its_peer_and_to_the_client_that_a_proxy_reports(string addresses, bool expected)
    {
        ConnectionRecord record = Record(Verdict.BadKey, 1) with
        {
            Peer = new IPEndPoint(IPAddress.Parse("203.0.113.7").MapToIPv6(), 4711),
            ForwardedFor = "198.51.100.4, 10.0.0.1",
        };

        Assert.True(AddressRange.TryParse(addresses, out AddressRange range));
        Assert.Equal(expected, record.IsOf(range));
    }

    private static ConnectionRecord Record(Verdict verdict, int status) => new() { At = DateTimeOffset.UnixEpoch, Verdict = verdict, Target = "/", Status = status };
}
