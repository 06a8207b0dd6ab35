using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using FastGate.Diagnostics;
using FastGate.Speech.Playing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Benchmarks.Speech;

/// <summary>
/// One frame time of 300 devices that speak: each gets a frame from its encoder, and the pacer sends each one that is due. The time is of the whole
/// tick. It has no counterpart; the limit is the frame time of 60 ms.
/// </summary>
public class PacerBenchmarks
{
    private const int Playbacks = 300;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Pacer _pacer = new(NullLogger.Instance);
    private readonly byte[] _packet = new byte[180];
    private readonly Playback[] _playbacks;
    private long _now;

    public PacerBenchmarks()
    {
        // The benchmark is the pacer's thread.
        _pacer.Dispose();
        var metrics = new SpeechMetrics(_services.GetRequiredService<IMeterFactory>());
        _playbacks = [.. Enumerable.Range(0, Playbacks).Select(_ => new Playback(new NullOutput(), _pacer, BenchmarkSound.FrameMs, metrics))];
        for (int i = 0; i < 20; i++)
        {
            FastGate();
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark]
    public long FastGate()
    {
        foreach (Playback playback in _playbacks)
        {
            playback.AddFrame(_packet);
        }

        return _pacer.Tick(_now += BenchmarkSound.FrameMs);
    }

    private sealed class NullOutput : IPlaybackOutput
    {
        public void Sentence(string text)
        {
        }

        public bool Frame(byte[] packet) => true;

        public void Played()
        {
        }
    }
}
