using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech.Codec;
using FastGate.Speech.Playing;
using FastGate.Speech.Synthesis;
using FastGate.Tests.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Speech;

/// <summary>The encode threads, with encoders that record what they are given and wait for the test.</summary>
public sealed class EncodeThreadsTests : IDisposable
{
    private const int Rate = 16_000;
    private const int FrameMs = 60;
    private const int Frame = Rate * FrameMs / 1000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Pacer _pacer = new(NullLogger.Instance);
    private readonly ConcurrentQueue<(string? Thread, short First)> _encoded = [];
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly FrameEncoders _encoders;

    public EncodeThreadsTests()
    {
        // The frames stay in the playback: the tests are the pacer.
        _pacer.Dispose();
        _encoders = new FrameEncoders(_ => new GatedEncoder(this), FrameMs);
    }

    public void Dispose()
    {
        _gate.Set();
        _encoders.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public async Task Sound_is_encoded_by_own_threads(int option, int expected)
    {
        using var threads = new EncodeThreads(option);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SpeakAsync(threads, NewPlayback(), frames: 20)));
        string?[] names = [.. _encoded.Select(static e => e.Thread).Distinct()];
        Assert.All(names, static name => Assert.StartsWith("fastgate-encode-", name, StringComparison.Ordinal));
        Assert.InRange(names.Length, 1, expected == 0 ? Math.Max(1, Environment.ProcessorCount / 2) : expected);
    }

    [Fact]
    public async Task Frames_of_a_device_keep_their_order_on_any_number_of_threads()
    {
        using var threads = new EncodeThreads(4);
        Recorder[] outputs = [.. Enumerable.Range(0, 12).Select(static _ => new Recorder())];
        await Task.WhenAll(outputs.Select(output => SpeakAsync(threads, NewPlayback(output), frames: 100, pieceSamples: 700)));
        foreach (Recorder output in outputs)
        {
            output.Playback!.Complete();
            for (long now = 0; now != Pacer.Never; now = output.Playback.Send(now))
            {
            }

            Assert.Equal(Enumerable.Range(0, 100).Select(static i => unchecked((short)(i * Frame))), output.Frames);
        }
    }

    /// <summary>A device with a long piece must not make the others late.</summary>
    [Fact]
    public async Task Devices_take_turns_of_a_few_frames()
    {
        using var threads = new EncodeThreads(1);
        _gate.Reset();
        Task tall = SpeakAsync(threads, NewPlayback(), frames: 30, first: 0);
        Task small = SpeakAsync(threads, NewPlayback(), frames: 5, first: 1);
        await Eventually.TrueAsync(() => threads.Pieces == 2, "both pieces wait");
        _gate.Set();
        await Task.WhenAll(tall, small).WaitAsync(s_limit);
        int last = _encoded.ToList().FindLastIndex(static e => e.First % Frame == 1);
        Assert.InRange(last, 0, 2 * Playback.Ahead);
    }

    [Fact]
    public async Task A_cancelled_playback_ends_its_piece_without_its_other_frames()
    {
        using var threads = new EncodeThreads(1);
        _gate.Reset();
        Playback playback = NewPlayback();
        Task speaking = SpeakAsync(threads, playback, frames: 30);
        await Eventually.TrueAsync(() => threads.Pieces == 1, "the piece is begun");
        playback.Cancel();
        _gate.Set();
        await speaking.WaitAsync(s_limit);
        Assert.InRange(_encoded.Count, 0, Playback.Ahead);
        Assert.Equal(0, threads.Pieces);
    }

    [Fact]
    public async Task Encoding_waits_while_a_playback_has_enough_frames()
    {
        using var threads = new EncodeThreads(1);
        var output = new Recorder();
        Playback playback = NewPlayback(output);
        Task speaking = SpeakAsync(threads, playback, frames: 600, pieceSamples: Rate);
        long now = 0;
        for (int sent = 0; !speaking.IsCompleted; sent = output.Frames.Count)
        {
            int bound = Playback.MaxWaiting + (2 * 1000 / FrameMs) + 1;
            Assert.InRange(_encoded.Count - sent, 0, bound);
            now += FrameMs;
            playback.Send(now);
            await Task.Yield();
        }

        await speaking;
        Assert.Equal(600, _encoded.Count);
    }

    /// <summary>The codec's failure ends one device's sound; the thread encodes on.</summary>
    [Fact]
    public async Task A_failure_reaches_the_device_that_had_it()
    {
        using var threads = new EncodeThreads(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => SpeakAsync(threads, NewPlayback(), frames: 1, first: -1));
        await SpeakAsync(threads, NewPlayback(), frames: 1).WaitAsync(s_limit);
    }

    [Fact]
    public async Task Pieces_that_wait_at_the_end_are_ended()
    {
        var threads = new EncodeThreads(1);
        _gate.Reset();
        Task[] speaking = [.. Enumerable.Range(0, 3).Select(_ => SpeakAsync(threads, NewPlayback(), frames: 30))];
        await Eventually.TrueAsync(() => threads.Pieces == 3, "the pieces wait");
        var ending = Task.Run(threads.Dispose);
        _gate.Set();
        await ending.WaitAsync(s_limit);
        foreach (Task task in speaking)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task.WaitAsync(s_limit));
        }
    }

    private Playback NewPlayback(Recorder? output = null)
    {
        output ??= new Recorder();
        return output.Playback = new Playback(output, _pacer, FrameMs, new SpeechMetrics(_services.GetRequiredService<IMeterFactory>()));
    }

    /// <summary>Sample number n of the sound has the value <paramref name="first"/> + n.</summary>
    private async Task SpeakAsync(EncodeThreads threads, Playback playback, int frames, int pieceSamples = int.MaxValue, short first = 0)
    {
        await Task.Yield();
        using var encoder = new SoundEncoder(_encoders, threads, playback);
        short[] sound = [.. Enumerable.Range(0, frames * Frame).Select(i => unchecked((short)(first + i)))];
        foreach (short[] piece in sound.Chunk(Math.Min(pieceSamples, sound.Length)))
        {
            await encoder.EncodeAsync(new SoundPiece(Rate, piece), CancellationToken.None);
        }

        await encoder.FlushAsync(CancellationToken.None);
    }

    private sealed class Recorder : IPlaybackOutput
    {
        public Playback? Playback { get; set; }

        public List<short> Frames { get; } = [];

        public void Sentence(string text)
        {
        }

        public bool Frame(byte[] packet)
        {
            Frames.Add(BitConverter.ToInt16(packet));
            return true;
        }

        public void Played()
        {
        }
    }

    private sealed class GatedEncoder(EncodeThreadsTests test) : IOpusEncoder
    {
        public int Encode(ReadOnlySpan<short> pcm, Span<byte> packet)
        {
            Assert.True(test._gate.Wait(s_limit));
            test._encoded.Enqueue((Thread.CurrentThread.Name, pcm[0]));
            BitConverter.TryWriteBytes(packet, pcm[0]);
            return pcm[0] == -1 ? throw new InvalidOperationException("a failure of the codec") : 2;
        }

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}
