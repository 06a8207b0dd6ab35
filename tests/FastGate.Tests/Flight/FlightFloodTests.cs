using System.Net;
using System.Text;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Handshake;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Flight;

/// <summary>A flood of refused connections costs counters, and hides neither a device nor an address.</summary>
public sealed class FlightFloodTests
{
    private static readonly UInt128 s_flooder = AddressOf("198.51.100.4");
    private static readonly UInt128 s_victim = AddressOf("203.0.113.7");

    private readonly ManualTimeProvider _time = new();
    private readonly FlightRecorder _recorder;

    public FlightFloodTests() => _recorder = new FlightRecorder(time: _time);

    [Fact]
    public void Source_gets_a_burst_of_records_and_then_one_per_interval()
    {
        Assert.Equal(RecordGate.Burst, Flood(s_flooder, 1_000));
        Assert.Equal(1_000 - RecordGate.Burst, _recorder.Skipped);
        Assert.Equal(0, Flood(s_flooder, 1));

        _time.Turn(RecordGate.Interval);
        Assert.Equal(1, Flood(s_flooder, 10));

        _time.Turn(RecordGate.Interval * 1_000);
        Assert.Equal(RecordGate.Burst, Flood(s_flooder, 1_000));
    }

    [Fact]
    public void Other_verdicts_of_a_flooding_source_have_records()
    {
        Flood(s_flooder, 1_000);

        Assert.True(_recorder.Note(Verdict.BadKey, s_flooder, SourceKey.Of(s_flooder), default));
    }

    [Fact]
    public void Flood_from_one_address_keeps_the_record_of_a_device_with_the_same_verdict()
    {
        Add("aa:01", "203.0.113.7");
        for (int i = 0; i < 100_000; i++)
        {
            Add("bb:02", "198.51.100.4");
        }

        Assert.Equal("token_expired", Explain("aa:01").Verdict);
        Assert.Equal(1, Explain("aa:01").Reasons["token_expired"]);
    }

    [Fact]
    public void Device_behind_the_flooding_address_is_explained_without_a_record()
    {
        Flood(s_flooder, 1_000);
        Assert.False(_recorder.Note(Verdict.TokenExpired, s_flooder, SourceKey.Of(s_flooder), "aa:01"u8));

        Explanation explanation = Explain("AA:01");
        Assert.Equal("token_expired", explanation.Verdict);
        Assert.Contains("record was not kept", explanation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_failures_count_as_failed_handshakes()
    {
        Flood(s_flooder, 100);
        for (int i = 0; i < RecordGate.Burst; i++)
        {
            Add("aa:01", "192.0.2.1");
        }

        Assert.Equal(100, _recorder.Handshakes);
    }

    [Theory]
    [InlineData("198.51.100.4", "", "198.51.100.5", "", false)]
    [InlineData("198.51.100.4", "203.0.113.1", "198.51.100.4", "203.0.113.2", true)]
    [InlineData("10.0.0.9", "203.0.113.1", "10.0.0.9", "203.0.113.2", false)]
    [InlineData("10.0.0.9", "203.0.113.1, 192.0.2.1", "10.0.0.9", "203.0.113.2, 192.0.2.1", true)]
    [InlineData("::1", "2001:db8::1", "fd00::1", "2001:db8::1", true)]
    [InlineData("2001:db8::1", "", "2001:db8::2", "", true)]
    [InlineData("2001:db8:0:1::1", "", "2001:db8:0:2::1", "", false)]
    public void Reported_address_counts_for_peers_of_private_networks_only(string one, string forOne, string other, string forOther, bool areOne)
    {
        Assert.Equal(areOne, KeyOf(one, forOne) == KeyOf(other, forOther));

        static int KeyOf(string address, string reported) => SourceKey.Of(AddressOf(address), Encoding.ASCII.GetBytes(reported));
    }

    [Fact]
    public void Traced_device_has_records_during_a_flood()
    {
        _recorder.Traces = new Traces(null, _time, NullLogger.Instance);
        Trace trace = _recorder.Traces.Begin("aa:01", null, TimeSpan.FromMinutes(1))!;
        Flood(s_flooder, 1_000);

        Assert.True(_recorder.Note(Verdict.TokenExpired, s_flooder, SourceKey.Of(s_flooder), "aa:01"u8));
        Assert.True(_recorder.Traces.End(trace.Id));
    }

    [Theory]
    [InlineData("GET /.env HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nUser-Agent: zgrab\r\n\r\n")]
    [InlineData("POST /xiaozhi/v1/?device-id=aa%3A01 HTTP/1.1\r\nHost: a\r\nX-Real-IP: 192.0.2.1\r\nContent-Length: 3\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001")]
    [InlineData("\u0010\u001b\0\u0004MQTT\u0004\u0002\0\u003c")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n")]
    public void Verdict_without_a_record_allocates_nothing(string text)
    {
        byte[] received = Encoding.Latin1.GetBytes(text);
        byte[] scratch = new byte[4_096];
        Flood(s_flooder, 1_000);
        Note(received, scratch);

        Assert.Equal(0, Allocations.Of(() => Note(received, scratch)));
    }

    private static UInt128 AddressOf(string text) => AddressRange.ValueOf(IPAddress.Parse(text));

    private void Note(byte[] received, byte[] scratch)
    {
        var parser = new HandshakeParser(HandshakeLimits.Default);
        HandshakeError error = parser.Parse(received, out _) == System.Buffers.OperationStatus.InvalidData ? parser.Error : HandshakeRules.Check(parser.GetRequest(received));
        HandshakeRequest request = parser.GetRequest(received);
        Verdict verdict = RequestVerdicts.Of(error, request, received);
        _recorder.Note(verdict, s_victim, SourceKey.Of(s_victim, request), HandshakeRecords.IdOf(request, scratch));
    }

    /// <summary>Returns how many of them had a record.</summary>
    private int Flood(UInt128 address, int count) =>
        Enumerable.Range(0, count).Count(_ => _recorder.Note(Verdict.TokenExpired, address, SourceKey.Of(address), default));

    private void Add(string device, string address)
    {
        UInt128 source = AddressOf(address);
        if (_recorder.Note(Verdict.TokenExpired, source, SourceKey.Of(source), Encoding.ASCII.GetBytes(device)))
        {
            _recorder.Add(new ConnectionRecord
            {
                At = _time.GetUtcNow(),
                Verdict = Verdict.TokenExpired,
                DeviceId = device,
                Peer = new IPEndPoint(IPAddress.Parse(address), 4711),
            });
        }
    }

    private Explanation Explain(string device) => new Explainer(_recorder, new FleetRecords(new NullFleetStore(), _time, NullLogger.Instance), new NoDevices(), _time).OfDevice(device);

    private sealed class NoDevices : IConnectedDevices
    {
        public IEnumerable<string> Ids => [];

        public DateTimeOffset? ConnectedSince(string deviceId) => null;

        public int CountFrom(AddressRange addresses) => 0;
    }
}
