using System.Diagnostics.Metrics;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Memory;

public class MemoryMetricsTests
{
    [Fact]
    public async Task The_meter_tells_how_long_turns_waited_for_their_commit()
    {
        var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        using var counted = new CountedMeasurements(memory.Meter);
        store.BlockWrites();
        memory.Say("a", "1");
        await store.AttemptAsync();

        // Not waited for anything: this is the time the meter has to tell.
        await Task.Delay(20);
        store.ReleaseWrites();
        await memory.FlushAsync();

        // Never less than what the store was held up for, whatever the machine is doing.
        Assert.True(counted["fastgate.memory.commit.wait"] >= 15, $"{counted["fastgate.memory.commit.wait"]} ms");
        Assert.True(counted["fastgate.memory.commit.duration"] >= 15, $"{counted["fastgate.memory.commit.duration"]} ms");
    }

    [Fact]
    public async Task The_meter_tells_what_was_stored_refused_and_waits()
    {
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        var store = new FakeMemoryStore();
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
            memory.Writer.TryAppend(memory.Turn("a", $"{i}"));
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
