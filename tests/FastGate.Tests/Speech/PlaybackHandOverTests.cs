using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Speech.Playing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Speech;

/// <summary>A playback that another process continues, by turned clocks: each frame is sent once, in order, and as early as without the hand-over.</summary>
public sealed class PlaybackHandOverTests : IDisposable
{
    private const int FrameMs = 60;
    private const int Frames = 30;
    private const long Unix = 1_700_000_000_000;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Pacer _pacer = new(NullLogger.Instance);
    private readonly SpeechMetrics _metrics;

    public PlaybackHandOverTests()
    {
        // Only the tests send.
        _pacer.Dispose();
        _metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(0, 300)]
    [InlineData(59, 100)]
    [InlineData(60, 100)]
    [InlineData(600, 0)]
    [InlineData(630, 250)]
    [InlineData(630, 299)]
    public void Frames_are_due_as_without_the_hand_over(long takenAt, long gap)
    {
        List<(long Ms, string What)> whole = Play(takenAt: long.MaxValue, gap: 0);
        List<(long Ms, string What)> events = Play(takenAt, gap);

        Assert.Equal(whole.Select(static e => e.What), events.Select(static e => e.What));
        long resumed = takenAt + gap;
        long late = takenAt < 0 ? resumed : 0;
        Assert.All(whole.Zip(events), pair =>
            Assert.Equal(takenAt >= 0 && pair.First.Ms > takenAt ? Math.Max(pair.First.Ms, resumed) : pair.First.Ms + late, pair.Second.Ms));
    }

    [Fact]
    public void After_a_long_gap_the_device_has_played_everything_and_its_buffer_is_filled_again()
    {
        List<(long Ms, string What)> events = Play(takenAt: 600, gap: 5_000);

        Assert.Equal(Frames, events.Count(static e => e.What[0] == '#'));
        Assert.Equal(6, events.Count(static e => e.Ms == 5_600));
        Assert.Equal("played", events[^1].What);
        Assert.Equal(5_600 + ((Frames - 16 + 2) * FrameMs), events[^1].Ms);
    }

    [Fact]
    public void Playback_that_is_not_complete_or_has_ended_is_not_taken_out()
    {
        var output = new RecordingOutput();
        var playback = new Playback(output, _pacer, FrameMs, _metrics);
        playback.AddFrame([1]);
        Assert.Null(playback.TakeOut(0, 0));

        playback = new Playback(output, _pacer, FrameMs, _metrics);
        playback.Complete();
        Assert.Equal(Pacer.Never, playback.Send(0));
        Assert.Null(playback.TakeOut(0, 0));
    }

    [Fact]
    public void No_frame_is_sent_twice_or_lost_while_the_pacer_sends()
    {
        for (int round = 0; round < 200; round++)
        {
            var output = new RecordingOutput();
            var playback = new Playback(output, _pacer, FrameMs, _metrics);
            Fill(playback);
            using var barrier = new Barrier(2);
            var pacer = new Thread(() =>
            {
                barrier.SignalAndWait();
                for (long now = 0; now < 40 * FrameMs; now += FrameMs)
                {
                    playback.Send(now);
                }
            });
            pacer.Start();
            barrier.SignalAndWait();
            Thread.SpinWait(round * 20);
            PlaybackState? state = playback.TakeOut(0, 0);
            string[] sent = [.. output.Events.Select(static e => e.What)];
            pacer.Join();

            Assert.Equal(sent, output.Events.Select(static e => e.What));
            if (state is not null)
            {
                string[] left = [.. state.Items.Select(static item => item.Sentence ?? $"#{item.Packet.Span[0]}")];
                Assert.Equal((uint)(Frames - left.Count(static what => what[0] == '#')), state.FramesSent);
                Assert.Equal(["one", .. Enumerable.Range(0, Frames).Select(static i => $"#{i}")], sent.Concat(left));
            }
        }
    }

    private static void Fill(Playback playback)
    {
        _ = playback.BeginSentenceAsync("one", CancellationToken.None);
        for (int i = 0; i < Frames; i++)
        {
            playback.AddFrame([(byte)i]);
        }

        playback.EndSentence();
        playback.Complete();
    }

    /// <summary>The clock of the second process differs.</summary>
    private List<(long Ms, string What)> Play(long takenAt, long gap)
    {
        const long OtherClock = 77_777;
        var output = new RecordingOutput();
        var first = new Playback(output, _pacer, FrameMs, _metrics);
        Fill(first);
        Run(first, output, 0, takenAt, 0);
        if (first.TakeOut(takenAt, Unix + takenAt) is { } state)
        {
            var second = new Playback(output, _pacer, FrameMs, _metrics);
            long resumed = takenAt + gap;
            second.Continue(state, resumed + OtherClock, Unix + resumed);
            Run(second, output, resumed + OtherClock, long.MaxValue - 1, OtherClock);
        }

        return output.Events;
    }

    private static void Run(Playback playback, RecordingOutput output, long now, long until, long clock)
    {
        while (now != Pacer.Never && now <= until)
        {
            output.NowMs = now - clock;
            now = playback.Send(now);
        }
    }

    private sealed class RecordingOutput : IPlaybackOutput
    {
        public List<(long Ms, string What)> Events { get; } = [];

        public long NowMs { get; set; }

        public void Sentence(string text) => Events.Add((NowMs, text));

        public bool Frame(byte[] packet)
        {
            Events.Add((NowMs, $"#{packet[0]}"));
            return true;
        }

        public void Played() => Events.Add((NowMs, "played"));
    }
}
