using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Testing;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Connections;

/// <summary>What a person learns from a request that is not upgraded: the answer to a browser, and the log line.</summary>
public sealed class HandshakeRefusalTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData("Accept: text/html,*/*;q=0.8\r\n", true)]
    [InlineData("accept: TEXT/HTML\r\n", true)]
    [InlineData("Accept: */*\r\n", false)]
    [InlineData("X-Accept: text/html\r\n", false)]
    [InlineData("", false)]
    public async Task A_browser_gets_the_port_that_is_for_it(string accept, bool isBrowser)
    {
        _harness.Services.HttpPort = 8003;
        ScriptedDevice device = _harness.Connect();

        await device.SendAsync($"GET / HTTP/1.1\r\nHost: gate\r\n{accept}\r\n");

        string head = await device.ReceiveHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Equal(isBrowser, head.Contains("charset=utf-8", StringComparison.Ordinal));
        Assert.Equal(!isBrowser, head.Contains("Content-Length: 18", StringComparison.Ordinal));
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.NotUpgraded));
    }

    [Fact]
    public async Task A_refusal_is_logged_at_information_with_address_reason_and_target()
    {
        var log = new RecordingLogger<DeviceConnection>();
        using var harness = new ConnectionHarness(connectionLog: log);

        await harness.Connect().SendAsync("GET / HTTP/1.1\r\nHost: gate\r\n\r\n");
        await harness.Connect().SendAsync("POST /xiaozhi/v1/?device-id=aa&token=secret-token HTTP/1.1\r\nHost: gate\r\n\r\n");

        await harness.EndAsync();
        (LogLevel level, _, string text) = Assert.Single(log.Lines, static line => line.Id == 2007);
        Assert.Equal(LogLevel.Information, level);
        Assert.Contains(harness.Recorder.Newest(1)[0].RemoteAddress, text, StringComparison.Ordinal);
        Assert.Contains("refused with 405: MethodNotAllowed; request target /xiaozhi/v1/?device-id=aa", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_credential_is_logged_with_the_device_and_the_reason()
    {
        var log = new RecordingLogger<DeviceConnection>();
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Auth = new AuthOptions { Enabled = true, Tokens = ["secret-token"] } }, connectionLog: log);
        ScriptedDevice device = harness.Connect();

        Assert.StartsWith("HTTP/1.1 401 ", await device.UpgradeAsync(), StringComparison.Ordinal);

        await harness.EndAsync();
        Assert.Contains(
            "Handshake of aa:bb:cc:dd:ee:ff from ", Assert.Single(log.WithId(2007)), StringComparison.Ordinal);
        Assert.Contains("refused with 401: MissingToken", Assert.Single(log.WithId(2007)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_wrong_tokens_of_one_address_have_few_records_and_lines_and_a_right_one_is_accepted()
    {
        var log = new RecordingLogger<DeviceConnection>();
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Auth = new AuthOptions { Enabled = true, Tokens = ["secret-token"] } }, connectionLog: log);
        Task<string> TryAsync(string token) =>
            harness.Connect().UpgradeAsync(headers: $"{ScriptedDevice.DeviceHeaders}Authorization: Bearer {token}\r\n");

        for (int guess = 0; guess < 3 * RecordGate.Burst; guess++)
        {
            Assert.StartsWith("HTTP/1.1 401 ", await TryAsync($"guess-{guess}"), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 101 ", await TryAsync("secret-token"), StringComparison.Ordinal);
        int records = harness.Recorder.Newest(1_000).Count;
        Assert.InRange(records, RecordGate.Burst, 2 * RecordGate.Burst);
        Assert.Equal(records, log.WithId(2007).Count());
    }
}
