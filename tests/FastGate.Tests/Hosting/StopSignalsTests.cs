using FastGate.Hosting;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Hosting;

public sealed class StopSignalsTests : IDisposable
{
    private const int Terminate = 15;
    private const int Interrupt = 2;

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(100);

    private readonly ManualTimeProvider _time = new();
    private readonly List<int> _exits = [];
    private readonly StopSignals _signals;

    public StopSignalsTests() => _signals = new StopSignals(static () => { }, _exits.Add, _time);

    public void Dispose() => _signals.Dispose();

    [Fact]
    public void The_first_signal_stops_in_order_and_a_second_ends_at_once()
    {
        _signals.Ask(Terminate);
        _time.Turn(s_moment);
        Assert.True(_signals.Stop.IsCompleted);
        Assert.Empty(_exits);

        // As soon as the stop can be seen.
        _signals.Ask(Interrupt);
        Assert.Equal([130], _exits);
    }

    [Fact]
    public void Two_signals_of_one_wish_are_one()
    {
        // As timeout sends them: to its child, and to the group in which the child is.
        _signals.Ask(Terminate);
        _signals.Ask(Terminate);
        _time.Turn(s_moment / 2);
        _signals.Ask(Terminate);
        Assert.False(_signals.Stop.IsCompleted);

        _time.Turn(s_moment / 2);
        Assert.True(_signals.Stop.IsCompleted);
        Assert.Empty(_exits);
    }

    [Fact]
    public void A_signal_after_a_stop_from_within_is_the_first()
    {
        _signals.RequestStop();
        Assert.True(_signals.Stop.IsCompleted);

        _signals.Ask(Terminate);
        _time.Turn(s_moment);
        Assert.Empty(_exits);

        _signals.Ask(Terminate);
        Assert.Equal([143], _exits);
    }
}
