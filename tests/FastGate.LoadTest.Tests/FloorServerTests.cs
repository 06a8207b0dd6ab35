using System.Net;
using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Floor;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Tests;

/// <summary>The floor answers everything that the driver sends, so that it can be compared with the server.</summary>
public sealed class FloorServerTests : IDisposable
{
    private readonly FloorServer _floor = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    public FloorServerTests()
    {
        _thread = new Thread(() => _floor.Run(_stop.Token));
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _floor.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public void Every_ping_is_answered() => AssertAll(settings => new PingScenario(settings), 200);

    [Fact]
    public void Every_frame_is_sent_back() => AssertAll(settings => new AudioScenario(settings), null);

    [Fact]
    public void Devices_connect_and_disconnect() => AssertAll(settings => new ChurnScenario(settings), 200);

    private void AssertAll(Func<LoadSettings, Scenario> create, int? operations)
    {
        var settings = new LoadSettings
        {
            Target = _floor.Target,
            Devices = 10,
            Rate = 200,
            Duration = TimeSpan.FromSeconds(1),
            Settle = TimeSpan.FromSeconds(20),
            LateAfter = TimeSpan.FromMinutes(1),
        };
        LoadReport load = new LoadRun(settings, create(settings), new NoProgress(), "", CancellationToken.None).Execute().Load;
        Assert.Equal((0, 0, 0), (load.Failed, load.Lost, load.Unanswered));
        Assert.Equal(operations ?? load.FramesExpected, load.Operations);
        Assert.InRange(load.Operations, 100, 1000);
    }
}
