using FastGate.Flight;
using FastGate.Testing;

namespace FastGate.Tests.Flight;

/// <summary>An id that the server could not use is still found by the operator who knows it.</summary>
public sealed class RefusedIdTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData("k\u00fcche", "küche", "is not UTF-8")]
    [InlineData("k\u00c3\u00bcche\u00c2\u009b", "küche\u009b", "not printable")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
        " 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", "more than 128 bytes")]
    public async Task Refused_id_is_found_although_the_client_id_is_used_instead(string sent, string asked, string why)
    {
        await _harness.Connect().UpgradeAsync(headers: $"Device-Id: {sent}\r\nClient-Id: client-1\r\n");

        Assert.Equal("client-1", _harness.Connections().Single().DeviceId);
        ConnectionRecord record = Assert.Single(_harness.Recorder.Newest(10));
        Assert.Equal(("id_refused", "client-1"), (record.Reason, record.DeviceId));
        Assert.Contains(why, record.Detail, StringComparison.Ordinal);
        Assert.EndsWith("client-1 (header Client-Id) is used instead", record.Detail, StringComparison.Ordinal);
        Assert.True(new DeviceSubject(asked).Has(record));
        Assert.True(new DeviceSubject("client-1").Has(record));
        Assert.False(new DeviceSubject("kuche").Has(record));
    }

    [Fact]
    public async Task Ids_that_differ_are_named_with_their_sources()
    {
        await _harness.Connect().UpgradeAsync("/?device-id=aa", "Device-Id: bb\r\nX-Device-Id: aa\r\n");

        Assert.Equal("aa (parameter device-id), bb (header Device-Id)", Assert.Single(_harness.Recorder.Newest(10)).Detail);
    }

    [Fact]
    public async Task Device_id_outside_ascii_is_found_when_its_request_is_refused()
    {
        await _harness.Connect().SendAsync("POST / HTTP/1.1\r\nHost: gate\r\nDevice-Id: \u00e5\u008e\u00a8\r\n\r\n");

        Assert.True(new DeviceSubject("厨").Has(Assert.Single(_harness.Recorder.Newest(10))));
    }
}
