using FastGate.Configuration.Options;
using FastGate.Flight;
using FastGate.Hosting.Adapters;
using FastGate.Testing;
using FastGate.Transport.Accept;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Limits;

/// <summary>Connects that are closed before a connection has an object: the flight recorder explains them.</summary>
public sealed class RefusedConnectRecordTests : IDisposable
{
    private const string Address = "203.0.113.7";

    private static readonly UInt128 s_address = LimitFixture.Address(Address);

    private readonly ConnectionHarness _harness = new(new DeviceOptions { Rates = new RateOptions { ConnectsPerSecond = 1 } });

    public RefusedConnectRecordTests() => _ = new SuspectActs(_harness.Services, _harness.LimitMetrics, NullLogger.Instance);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Record_of_an_address_names_its_limit()
    {
        int admitted = Enumerable.Range(0, 1_000).Count(_ => _harness.Limits.Admits(s_address));

        Assert.InRange(admitted, 10, 999);
        AssertRecord("AddressLimited", "too many connects (Devices:Rates:ConnectsPerSecond)");
    }

    [Theory]
    [InlineData(AcceptRefusal.WaitExpired, "WaitedTooLong", "no turn within Devices:Rates:LongestWait")]
    [InlineData(AcceptRefusal.NoDescriptor, "NoDescriptor", "no descriptor for another connection")]
    public void Flood_that_the_transport_closes_has_one_record_of_its_address_a_second(AcceptRefusal reason, string verdict, string detail)
    {
        for (int i = 0; i < 1_000; i++)
        {
            _harness.Limits.OnClosed(s_address, reason);
        }

        AssertRecord(verdict, detail);
        Assert.Equal(1, _harness.Recorder.Total);
    }

    private void AssertRecord(string verdict, string detail)
    {
        ConnectionRecord record = _harness.Recorder.Newest(10)[^1];
        Assert.Equal((verdict, $"{Address}:0", detail), (record.Verdict.ToString(), record.RemoteAddress, record.Detail));
        Assert.Equal(record.Verdict, _harness.Recorder.LastOfAddress(s_address)!.Value.Verdict);
    }
}
