using FastGate.LoadTest.Commands;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Speech;

namespace FastGate.LoadTest.Tests.Speech;

/// <summary>The driver against a server whose only fault is known: it must report this one and no other.</summary>
public class LostFrameTests
{
    private const int MostRuns = 4;

    /// <summary>All at a time, because each speaks a sentence as long as it takes.</summary>
    [EspeakFact]
    public async Task Fault_is_reported_and_nothing_else()
    {
        (VoiceFault Fault, string Found)[] expected =
        [
            (VoiceFault.None, ""),
            (VoiceFault.LoseFrame, "frames missing 1"),
            (VoiceFault.LoseEnd, "frames missing"),
            (VoiceFault.DoubleFrame, "frames doubled 1"),
            (VoiceFault.SwapFrames, "frames reordered 1"),
            (VoiceFault.WrongNumber, "frames doubled 1"),
            (VoiceFault.FrameBeforeStart, "frames outside an answer 1"),
            (VoiceFault.FrameAfterStop, "frames outside an answer 1"),
            (VoiceFault.NoFrame, "frames outside an answer 1"),
        ];
        (VoiceFault, string)[] found = await Task.WhenAll(expected.Select(async row => (row.Fault, await FindAsync(row.Fault, row.Found))));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Frame_after_a_lost_one_is_not_late()
    {
        var frames = new TurnFrames();
        foreach (uint number in (uint[])[0, 1, 2, 4, 5, 6, 7])
        {
            frames.Receive(number * SpeechSource.FrameMs, At(number));
        }

        Assert.Equal(1, frames.Missing(least: 0));
        Assert.Equal(3, frames.Missing(least: 10));
        Assert.All(frames.Schedule(), static frame => Assert.Equal(frame.Due, frame.At));

        static long At(uint number) => 5_000 + (Math.Max(0, (long)number - TurnFrames.AtOnce + 1) * SpeechSource.FrameMs * 1_000_000);
    }

    /// <summary>Runs again when a pause of the machine has changed the turn: it is not complete, or frames were late. The number of runs is bounded.</summary>
    private static async Task<string> FindAsync(VoiceFault fault, string expected)
    {
        for (int run = 1; ; run++)
        {
            (long operations, string found) = await FindOnceAsync(fault);
            if ((operations == 1 && found == expected) || run == MostRuns)
            {
                Assert.Equal(1, operations);
                return found;
            }
        }
    }

    private static async Task<(long Operations, string Found)> FindOnceAsync(VoiceFault fault)
    {
        await using var voice = new FaultyVoice(fault);
        LoadSettings settings = new()
        {
            Target = voice.Target,
            Devices = 1,
            Rate = 0.15,
            Duration = TimeSpan.FromSeconds(6),
            Settle = TimeSpan.FromSeconds(20),
            SpeechMode = SpeakingMode.Manual,
            BargeIn = 0,
        };
        var scenario = new SpeakScenario(settings);
        RunReport report = await Task.Run(() => new LoadRun(settings, scenario, new NoProgress(), "", CancellationToken.None).Execute());
        IEnumerable<ThresholdResult> missed = scenario.Judge(report).Where(static result => !result.Passed);
        return (report.Load.Operations, string.Join(", ", missed.Select(result => fault == VoiceFault.LoseEnd ? result.What : $"{result.What} {result.Actual}")));
    }
}
