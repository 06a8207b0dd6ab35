using FastGate.Hosting;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Hosting;

public sealed class StopSignalsTests : IDisposable
{
    private const int Terminate = 15;
    private const int Interrupt = 2;

    private static readonly TimeSpan s_debounce = TimeSpan.FromMilliseconds(100);

    private readonly ManualTimeProvider _time = new();
    private readonly List<int> _exits = [];
    private readonly StopSignals _signals;

    public StopSignalsTests() => _signals = new StopSignals(static () => { }, _exits.Add, _time);

    public void Dispose() => _signals.Dispose();

    [Fact]
    public void The_first_signal_drains_and_a_second_exits_at_once()
    {
        _signals.OnStopSignal(Terminate);
        _time.Turn(s_debounce);
        Assert.True(_signals.Stop.IsCompleted);
        Assert.Empty(_exits);

        _signals.OnStopSignal(Interrupt);
        Assert.Equal([130], _exits);
    }

    [Fact]
    public void A_signal_that_is_delivered_twice_counts_once()
    {
        // timeout signals its child, and then the process group of the child.
        _signals.OnStopSignal(Terminate);
        _signals.OnStopSignal(Terminate);
        _time.Turn(s_debounce / 2);
        _signals.OnStopSignal(Terminate);
        Assert.False(_signals.Stop.IsCompleted);

        _time.Turn(s_debounce / 2);
        Assert.True(_signals.Stop.IsCompleted);
        Assert.Empty(_exits);
    }

}
