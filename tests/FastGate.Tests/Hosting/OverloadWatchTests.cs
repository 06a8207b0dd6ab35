using System.Diagnostics.Metrics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Hosting;
using FastGate.Limits;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Hosting;

/// <summary>What an overloaded server sheds, with readings of the test.</summary>
public sealed class OverloadWatchTests : IDisposable
{
    private readonly ConnectionHarness _harness = new(devices: new DeviceOptions { Timeouts = new DeviceTimeouts { Hello = TimeSpan.FromMinutes(1) } });
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RecordingLogger<OverloadWatchTests> _log = new();
    private readonly OverloadWatch _watch;
    private OverloadReading _reading = new(0.99, 0);

    public OverloadWatchTests() => _watch = new OverloadWatch(
        static () => new OverloadOptions(),
        () => _reading,
        _harness.Services,
        _harness.Conversation,
        new OverloadMetrics(_meters.GetRequiredService<IMeterFactory>(), () => (int)_harness.Services.Overload.Level),
        _log);

    public void Dispose()
    {
        _harness.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task New_devices_are_refused_and_connected_ones_stay_until_it_is_over()
    {
        ScriptedDevice before = await _harness.UpgradedAsync();
        Poll(OverloadRule.MemorySeconds);

        string head = await _harness.Connect().UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", head, StringComparison.Ordinal);
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.Overloaded));
        Assert.Equal(Verdict.Overloaded, _harness.Recorder.Newest(1)[0].Verdict);
        Assert.True(_harness.Conversation.IsPressed);
        Assert.Single(_log.WithId(7666));
        await before.SendFrameAsync(Opcode.Ping, []);
        Assert.Equal(Opcode.Pong, (await before.ReceiveFrameAsync()).Opcode);

        _reading = default;
        Poll(OverloadRule.RecoverySeconds);
        Assert.StartsWith("HTTP/1.1 101 ", await _harness.Connect().UpgradeAsync(), StringComparison.Ordinal);
        Assert.False(_harness.Conversation.IsPressed);
        Assert.Single(_log.WithId(7667));
    }

    [Fact]
    public async Task Idle_devices_with_an_automatic_id_are_closed_and_others_stay()
    {
        ScriptedDevice named = await _harness.UpgradedAsync();
        ScriptedDevice automatic = await _harness.UpgradedAsync(headers: "");
        Poll(OverloadRule.MemorySeconds + OverloadRule.NextSeconds);
        Assert.Equal(2, _harness.Registry.Count);

        _harness.Clock.Turn(TimeSpan.FromSeconds(10));
        Poll(1);

        CloseStatus closed = await CloseAsync(automatic);
        Assert.Equal(CloseStatus.TryAgainLater, closed);
        Assert.Equal("aa:bb:cc:dd:ee:ff", Assert.Single(_harness.Connections()).DeviceId);
        await named.SendFrameAsync(Opcode.Ping, []);
    }

    private static async Task<CloseStatus> CloseAsync(ScriptedDevice device)
    {
        ReceivedFrame frame;
        do
        {
            frame = await device.ReceiveFrameAsync();
        }
        while (frame.Opcode != Opcode.Close);

        return (CloseStatus)((frame.Payload[0] << 8) | frame.Payload[1]);
    }

    private void Poll(int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            _watch.Poll();
        }
    }
}
