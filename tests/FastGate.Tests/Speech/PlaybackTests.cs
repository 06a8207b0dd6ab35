using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech.Playing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Speech;

/// <summary>The times of frames, by a turned clock: the playback is asked as the pacer asks it, when it said that it is due.</summary>
public sealed class PlaybackTests : IDisposable
{
    private const int FrameMs = 60;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Pacer _pacer = new(NullLogger.Instance);
    private readonly RecordingOutput _output = new();
    private readonly SpeechMetrics _metrics;
    private readonly Playback _playback;

    public PlaybackTests()
    {
        // The pacer's own thread must not send: it has no reference to the playback of these tests after its end.
        _pacer.Dispose();
        _metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());
        _playback = new Playback(_output, _pacer, FrameMs, _metrics);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Five_frames_leave_at_once_and_then_one_each_frame_time()
    {
        await _playback.BeginSentenceAsync("one", CancellationToken.None);
        AddFrames(12);
        _playback.Complete();
        Run(1_000);
        Assert.Equal(
            ["0 one", "0 #0", "0 #1", "0 #2", "0 #3", "0 #4", "0 #5", "60 #6", "120 #7", "180 #8", "240 #9", "300 #10", "360 #11", $"{(12 + 2) * FrameMs} played"],
            _output.Events.Select(e => $"{e.Ms - 1_000} {e.What}"));
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(21, 1)]
    public void A_frame_that_is_sent_more_than_20_ms_after_it_was_due_is_counted(int lateness, int counted)
    {
        AddFrames(8);
        Run(1_000, until: 1_060);
        Assert.Equal(0, _metrics.FramesLate.Value);
        _playback.Send(1_120 + lateness);
        Assert.Equal(counted, _metrics.FramesLate.Value);
    }

    /// <summary>Also when its sound is made late, or not at all.</summary>
    [Fact]
    public async Task A_sentence_is_shown_with_its_first_frame()
    {
        await _playback.BeginSentenceAsync("one", CancellationToken.None);
        Run(0);
        AddFrames(7);
        _playback.EndSentence();
        await _playback.BeginSentenceAsync("two", CancellationToken.None);
        Run(500);
        Run(900);
        AddFrames(1, from: 7);
        _playback.EndSentence();
        await _playback.BeginSentenceAsync("without sound", CancellationToken.None);
        _playback.EndSentence();
        await _playback.BeginSentenceAsync("last", CancellationToken.None);
        Run(1_000);
        _playback.Complete();
        Run(1_001);
        Assert.Equal(
            ["500 one", "500 #0", "500 #1", "500 #2", "500 #3", "500 #4", "500 #5", "560 #6", "1000 two", "1000 #7", "1000 without sound", "1001 last", "1180 played"],
            _output.Events.Select(static e => $"{e.Ms} {e.What}"));
    }

    [Fact]
    public void Playback_without_a_frame_ends_at_once()
    {
        _playback.Complete();
        Run(5);
        Assert.Equal([(5L, "played")], _output.Events);
    }

    [Fact]
    public void After_an_underrun_the_buffer_of_the_device_is_filled_again()
    {
        AddFrames(6);
        Run(0);
        AddFrames(8, from: 6);
        Run(2_000);
        Assert.Equal([2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_060, 2_120], _output.Events.Skip(6).Select(static e => e.Ms));
        Assert.Equal(1, _metrics.Underruns.Value);
    }

    /// <summary>Frames that come late, but before the device has run dry, move nothing.</summary>
    [Fact]
    public void Late_frames_do_not_move_the_end()
    {
        AddFrames(5);
        Run(0);
        AddFrames(5, from: 5);
        _playback.Complete();
        Run(200);
        Assert.Equal((10 + 2) * FrameMs, _output.Events[^1].Ms);
        Assert.Equal(0, _metrics.Underruns.Value);
    }

    [Fact]
    public void A_cancelled_playback_sends_nothing_more_and_does_not_end()
    {
        AddFrames(20);
        _playback.Complete();
        Assert.NotEqual(Pacer.Never, _playback.Send(0));
        int sent = _output.Events.Count;
        _playback.Cancel();
        Assert.Equal(Pacer.Never, _playback.Send(10_000));
        Assert.Equal(sent, _output.Events.Count);
    }

    [Fact]
    public async Task A_third_sentence_ahead_waits_until_the_first_has_been_sent()
    {
        for (int i = 0; i < 3; i++)
        {
            await _playback.BeginSentenceAsync($"{i}", CancellationToken.None);
            AddFrames(1);
            _playback.EndSentence();
        }

        Task fourth = _playback.BeginSentenceAsync("3", CancellationToken.None);
        Assert.False(fourth.IsCompleted);
        _playback.Send(0);
        await fourth.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Frames_that_a_slow_device_cannot_take_are_counted()
    {
        _output.Full = true;
        AddFrames(3);
        _playback.Send(0);
        Assert.Equal((0, 3), (_metrics.FramesSent.Value, _metrics.FramesDropped.Value));
    }

    /// <summary>No frame is outstanding beyond what a device keeps, whatever the pattern in which frames are made.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void At_most_six_frames_are_ahead_of_the_device(int seed)
    {
        var random = new Random(seed);
        long now = 0;
        int made = 0;
        long playedUntil = 0;
        for (int i = 0; i < 500; i++)
        {
            int count = random.Next(0, 6);
            AddFrames(count, from: made);
            made += count;
            int before = _output.Events.Count;
            _playback.Send(now);
            for (int sent = before; sent < _output.Events.Count; sent++)
            {
                playedUntil = Math.Max(playedUntil, now) + FrameMs;
            }

            Assert.True(playedUntil - now <= (Playback.Ahead + 1) * FrameMs, $"{playedUntil - now} ms ahead");
            now += random.Next(0, 200);
        }
    }

    private void AddFrames(int count, int from = 0)
    {
        for (int i = 0; i < count; i++)
        {
            _playback.AddFrame([(byte)(from + i)]);
        }
    }

    private void Run(long now, long until = Pacer.Never)
    {
        while (now != Pacer.Never && now <= until)
        {
            _output.NowMs = now;
            now = _playback.Send(now);
        }
    }

    private sealed class RecordingOutput : IPlaybackOutput
    {
        public List<(long Ms, string What)> Events { get; } = [];

        public long NowMs { get; set; }

        public bool Full { get; set; }

        public void Sentence(string text) => Events.Add((NowMs, text));

        public bool Frame(byte[] packet)
        {
            Events.Add((NowMs, $"#{packet[0]}"));
            return !Full;
        }

        public void Played() => Events.Add((NowMs, "played"));
    }
}
