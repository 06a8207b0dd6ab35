using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Restarts;

namespace FastGate.LoadTest.Tests.Restarts;

public class LedgerTests
{
    [Theory]
    [InlineData(new long[] { 0, 1, 2, 3 }, 0, 0, 0)]
    [InlineData(new long[] { 0, 1, 3 }, 1, 0, 0)]
    [InlineData(new long[] { 0, 1, 2 }, 1, 0, 0)]
    [InlineData(new long[] { }, 4, 0, 0)]
    [InlineData(new long[] { 0, 1, 1, 2, 3 }, 0, 1, 0)]
    [InlineData(new long[] { 0, 2, 1, 3 }, 0, 0, 1)]
    [InlineData(new long[] { 3, 0, 1, 2 }, 0, 0, 3)]
    [InlineData(new long[] { 0, 2, 1, 1, 3 }, 0, 1, 1)]
    [InlineData(new long[] { 0, 1, 2, 3, 4, -1 }, 0, 2, 0)]
    public void Sequence_counts_missing_doubled_and_reordered_numbers(long[] received, long missing, long doubled, long reordered)
    {
        var ledger = new SequenceLedger();
        foreach (long number in received)
        {
            ledger.Receive(number, 4);
        }

        Assert.Equal((missing, doubled, reordered), (ledger.Missing(4), ledger.Doubled, ledger.Reordered));
    }

    // t is a text pong, a digit a control frame.
    [Theory]
    [InlineData("t0t1t2", 0, 0, 0)]
    [InlineData("t0t1", 2, 0, 0)]
    [InlineData("t0t12", 1, 0, 0)]
    [InlineData("t0tt2", 1, 0, 0)]
    [InlineData("t0t1tt2", 0, 1, 0)]
    [InlineData("t0t11t2", 0, 1, 0)]
    [InlineData("t01tt2", 0, 0, 2)]
    [InlineData("t0t1tt2t3", 0, 3, 0)]
    public void Pongs_must_alternate(string received, long lost, long doubled, long reordered)
    {
        var ledger = new PingLedger();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, ledger.Send());
        }

        foreach (char pong in received)
        {
            if (pong == 't')
            {
                ledger.ReceiveText();
            }
            else
            {
                ledger.ReceiveFrame(pong - '0');
            }
        }

        Assert.Equal(new MessageCounts(6, lost, doubled, reordered), ledger.Count());
        Assert.Equal(received == "t0t1" ? 1 : lost, ledger.Outstanding);
    }

    // s is the recognised text, x a stop, g the end of the wait for a line, a digit a sentence, l another line, f the line of a failure, o a sentence of an older turn.
    [Theory]
    [InlineData("s012x", TurnEnd.Finished, 0, 0, 0)]
    [InlineData("s01lx", TurnEnd.Cut, 0, 0, 0)]
    [InlineData("slx", TurnEnd.Cut, 0, 0, 0)]
    [InlineData("s01xlx", TurnEnd.Cut, 0, 0, 0)]
    [InlineData("s01xfx", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s01xx", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s01x", TurnEnd.Interrupted, 1, 0, 0)]
    [InlineData("s01xg", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s02lx", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s01fx", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s02x", TurnEnd.Broken, 1, 0, 0)]
    [InlineData("s0112x", TurnEnd.Finished, 0, 1, 0)]
    [InlineData("s021x", TurnEnd.Finished, 0, 0, 1)]
    [InlineData("ss012x", TurnEnd.Finished, 0, 1, 0)]
    [InlineData("s012xx", TurnEnd.None, 0, 1, 0)]
    [InlineData("os012x", TurnEnd.Finished, 0, 0, 1)]
    [InlineData("x", TurnEnd.Broken, 4, 0, 0)]
    [InlineData("s01", null, 1, 0, 0)]
    [InlineData("", null, 4, 0, 0)]
    public void Turn_ends_as_its_sentences_say(string received, object? end, long lost, long doubled, long reordered)
    {
        var ledger = new TurnLedger(7);
        _ = ledger.Ask(3);
        ledger.ReceiveText("7 0 3");
        Array.ForEach([0, 1, 2], sentence => ledger.ReceiveSentence($"7 0 {sentence}。"));
        Assert.Equal(TurnEnd.Finished, ledger.ReceiveStop());
        Assert.Equal("7 1 3", ledger.Ask(3));
        TurnEnd? last = null;
        foreach (char message in received)
        {
            switch (message)
            {
                case 's':
                    ledger.ReceiveText("7 1 3");
                    break;
                case 'x':
                    last = ledger.ReceiveStop();
                    break;
                case 'g':
                    last = ledger.GiveUp();
                    break;
                case 'l':
                    ledger.ReceiveSentence("One moment.");
                    break;
                case 'f':
                    ledger.ReceiveSentence(TurnLedger.FailureLine);
                    break;
                default:
                    ledger.ReceiveSentence(message == 'o' ? "7 0 2。" : $"7 1 {message}。");
                    break;
            }
        }

        Assert.Equal((TurnEnd?)end, last);
        Assert.Equal(new MessageCounts(8, lost, doubled, reordered), ledger.Count());
    }

    [Fact]
    public void Model_answers_with_the_sentences_that_the_ledger_expects()
    {
        var ledger = new TurnLedger(12);
        string words = ledger.Ask(8);
        ledger.ReceiveText(words);
        Array.ForEach(NumberedModel.Answer(words), ledger.ReceiveSentence);
        Assert.Equal(TurnEnd.Finished, ledger.ReceiveStop());
        Assert.Equal([TurnLedger.FailureLine], NumberedModel.Answer("other words"));
    }

    [Fact]
    public void Turn_that_is_cut_after_its_last_sentence_has_finished_and_its_line_may_follow_once()
    {
        var ledger = new TurnLedger(12);
        string words = ledger.Ask(2);
        ledger.ReceiveText(words);
        Array.ForEach(NumberedModel.Answer(words), ledger.ReceiveSentence);
        Assert.Equal(TurnEnd.Finished, ledger.ReceiveStop());
        ledger.ReceiveSentence("One moment, please.");
        Assert.Equal(TurnEnd.None, ledger.ReceiveStop());
        Assert.Equal(0, ledger.Count().Doubled);
        Assert.Equal(TurnEnd.None, ledger.ReceiveStop());
        Assert.Equal(1, ledger.Count().Doubled);
    }

    [Fact]
    public void Gap_is_the_worst_delay_of_each_device_inside_the_window()
    {
        RestartDevice[] devices = [.. Enumerable.Range(0, 100).Select(static i => new RestartDevice(DeviceRole.Pinging, i, 1))];
        var window = new GapWindow(0, 10_000_000_000);
        window.Answer(devices[0], due: 1, now: 5_000_000_000);
        window.Open(20_000_000_000);

        // Answered before the window, asked before it and answered in it, asked in it and answered after it, asked after it.
        window.Answer(devices[1], due: 10_000_000_000, now: 19_000_000_000);
        window.Answer(devices[2], due: 19_900_000_000, now: 20_100_000_000);
        window.Answer(devices[3], due: 21_000_000_000, now: 21_001_000_000);
        window.Answer(devices[3], due: 22_000_000_000, now: 22_500_000_000);
        window.Answer(devices[4], due: 29_900_000_000, now: 30_200_000_000);
        window.Answer(devices[5], due: 30_000_000_000, now: 31_000_000_000);
        window.Close(devices[6], now: 25_000_000_000);
        window.Close(devices[7], now: 30_000_000_000);
        window.Unanswered(devices[8], due: 29_000_000_000);
        window.Unanswered(devices[9], due: 30_000_000_000);
        Assert.Equal([0, 0, 200, 500, 300, 0, 10_000, 0, 10_000, 0], window.Gaps(devices).Take(10).Select(static gap => gap / 1_000_000));
        Assert.Equal(new GapReport(0, 10_000, 10_000, 7500), GapReport.Of(window.Gaps(devices), window.Silence));
    }

    [Fact]
    public void Silence_of_a_window_counts_from_its_begin_and_to_its_end()
    {
        var device = new RestartDevice(DeviceRole.Pinging, 0, 1);
        var window = new GapWindow(0, 1000);
        window.Open(10_000);
        Assert.Equal(1000, window.Silence);
        window.Answer(device, due: 9_900, now: 10_300);
        Assert.Equal(700, window.Silence);
        window.Answer(device, due: 10_350, now: 10_400);
        window.Answer(device, due: 10_900, now: 10_950);
        Assert.Equal(550, window.Silence);
    }

    [Fact]
    public void Footprint_of_this_process_counts_its_descriptors()
    {
        ProcessFootprint before = ProcessFootprint.Take(Environment.ProcessId)!.Value;
        Assert.InRange(before.ResidentBytes, 1_000_000, long.MaxValue);
        Assert.NotEqual("0", before.Image);
        Assert.InRange(before.Others, 3, int.MaxValue);
        Assert.Equal(before.Image, ProcessFootprint.Take(Environment.ProcessId)!.Value.Image);
        Assert.Null(ProcessFootprint.Take(int.MaxValue));
    }
}
