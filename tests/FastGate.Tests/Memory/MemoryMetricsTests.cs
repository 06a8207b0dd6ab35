using System.Diagnostics.Metrics;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Memory;

public sealed class MemoryMetricsTests
{
    [Fact]
    public async Task The_meter_reports_how_long_a_commit_took_and_how_long_its_oldest_exchange_waited()
    {
        using var store = new FakeMemoryStore();
        var time = new ManualTimeProvider();
        await using var memory = new TestMemory(store, new MemoryLimits { Batch = 1 }, time: time);
        using var counted = new CountedMeasurements(memory.Meter);
        store.BlockWrites();
        memory.Say("a", "1");
        await store.AttemptAsync().WaitAsync(TestMemory.Timeout);
        time.Turn(TimeSpan.FromMilliseconds(20));
        memory.Say("a", "2");
        time.Turn(TimeSpan.FromMilliseconds(5));
        store.ReleaseWrites();
        await memory.FlushAsync();

        // 25 ms for the first; the second waited 5 ms and its commit took no time.
        Assert.Equal(25 + 5, counted["fastgate.memory.commit.wait"]);
        Assert.Equal(25, counted["fastgate.memory.commit.duration"]);
    }

    [Fact]
    public async Task The_meter_reports_stored_refused_and_pending_exchanges()
    {
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        using var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store, new MemoryLimits { Pending = 10 }, start: false);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, memory.Meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        for (int i = 0; i < 12; i++)
        {
            memory.Writer.TryAppend(memory.Exchange("a", $"{i}"));
        }

        listener.RecordObservableInstruments();
        Assert.Equal(10, seen["fastgate.memory.pending"]);
        Assert.InRange(seen["fastgate.memory.pending.bytes"], 10 * 320, 10 * 500);
        Assert.Equal(2, seen["fastgate.memory.turns refused"]);
        store.Failure = MemoryFailure.Full;
        memory.Writer.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["fastgate.memory.degraded"]);
        Assert.True(seen["fastgate.memory.failures full"] >= 1);
        store.Failure = null;
        await memory.FlushAsync();
        await memory.Log.Logged(4002);
        listener.RecordObservableInstruments();
        Assert.Equal(0, seen["fastgate.memory.degraded"]);
        Assert.Equal(0, seen["fastgate.memory.pending"]);
        Assert.Equal(10, seen["fastgate.memory.turns stored"]);

        void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string name = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
            lock (seen)
            {
                seen[name] = instrument.IsObservable ? value : seen.GetValueOrDefault(name) + value;
            }
        }
    }
}
