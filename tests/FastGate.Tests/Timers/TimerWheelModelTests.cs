using FastGate.Timers;
using FsCheck;
using FsCheck.Fluent;

namespace FastGate.Tests.Timers;

/// <summary>Compares the wheel with a list sorted by deadline over random operations.</summary>
public sealed class TimerWheelModelTests
{
    private const int Entries = 12;

    [Fact]
    public void The_wheel_behaves_like_a_sorted_list()
    {
        Gen<int[]> operations = Gen.Choose(0, int.MaxValue).ArrayOf(200);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(operations.ToArbitrary(), Equal));
    }

    private static bool Equal(int[] operations)
    {
        long now = 123_456;
        var wheel = new TimerWheel(now);
        var fired = new List<int>();
        RecordingTimerEntry[] entries = [.. Enumerable.Range(0, Entries).Select(_ => new RecordingTimerEntry())];
        for (int i = 0; i < Entries; i++)
        {
            int index = i;
            entries[i].Then = _ => fired.Add(index);
        }

        var model = new SortedSet<(long Deadline, int Index)>();
        long modelTick = now / TimerWheel.TickMs;
        foreach (int operation in operations)
        {
            int index = operation / 8 % Entries;
            // Mostly soon, sometimes beyond a turn of the wheel.
            int amount = (operation / 128 % 5) switch
            {
                0 => operation / 1024 % 100,
                1 => operation / 1024 % 1000,
                2 => operation / 1024 % 30_000,
                _ => operation / 1024 % 600_000,
            };
            RecordingTimerEntry entry = entries[index];
            switch (operation % 8)
            {
                case 0 or 1:
                    Forget(model, index);
                    entry.Deadline = now + amount - 50;
                    wheel.Add(entry);
                    model.Add((entry.Deadline, index));
                    break;
                case 2 when model.Any(e => e.Index == index):
                    // Activity is only a store.
                    Forget(model, index);
                    entry.Deadline += amount;
                    model.Add((entry.Deadline, index));
                    break;
                case 3:
                    Forget(model, index);
                    wheel.Remove(entry);
                    break;
                default:
                    now += amount;
                    fired.Clear();
                    wheel.Tick(now);
                    if (!Agrees(model, fired, now, ref modelTick))
                    {
                        return false;
                    }

                    break;
            }

            if (wheel.Count != model.Count)
            {
                return false;
            }
        }

        return true;
    }

    // Never early: every fired entry was due. At most a tick late: no entry is left that was due when the tick began.
    private static bool Agrees(SortedSet<(long Deadline, int Index)> model, List<int> fired, long now, ref long modelTick)
    {
        foreach (int index in fired)
        {
            if (model.RemoveWhere(e => e.Index == index && e.Deadline <= now) != 1)
            {
                return false;
            }
        }

        long tick = now / TimerWheel.TickMs;
        bool walked = tick > modelTick;
        modelTick = tick;
        return walked ? model.Count == 0 || model.Min.Deadline > tick * TimerWheel.TickMs : fired.Count == 0;
    }

    private static void Forget(SortedSet<(long Deadline, int Index)> model, int index) =>
        model.RemoveWhere(e => e.Index == index);
}
