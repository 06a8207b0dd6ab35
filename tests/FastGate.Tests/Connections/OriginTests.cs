using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>No page of another site can act as a device in the browser of a person who has access to the server.</summary>
public sealed class OriginTests
{
    [Theory]
    [InlineData("", null, 101)]
    [InlineData("Origin: http://gate:8002\r\n", null, 101)]
    [InlineData("Origin: http://evil.example\r\n", null, 403)]
    [InlineData("Origin: null\r\n", null, 403)]
    [InlineData("Origin: http://evil.example\r\n", "http://evil.example", 101)]
    [InlineData("Origin: null\r\n", "*", 101)]
    public async Task Page_of_another_site_is_refused_and_recorded(string header, string? allowed, int status)
    {
        using var harness = new ConnectionHarness(new DeviceOptions { AllowedOrigins = allowed is null ? [] : [allowed] });
        ScriptedDevice device = harness.Connect();

        string head = await device.UpgradeAsync(headers: ScriptedDevice.DeviceHeaders + header);

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        if (status == 403)
        {
            await harness.EndAsync();
            ConnectionRecord record = Assert.Single(harness.Recorder.Newest(10));
            Assert.Equal((Verdict.OriginNotAllowed, header[8..^2], "aa:bb:cc:dd:ee:ff"), (record.Verdict, record.Detail, record.DeviceId));
            Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.OriginRefused));
        }
    }
}
