using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Tests.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Speech;

public sealed class SpeechWorkerTests
{
    /// <summary>The exception would end the process; the capture that was judged by the failed detector finds its utterance.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_detector_that_fails_is_replaced_by_the_embedded_one(int windowsBefore)
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var log = new RecordingLogger<SpeechWorker>();
        var handler = new RecordingUtteranceHandler();
        var broken = new BrokenDetector(windowsBefore);
        Capture capture = Capture.TryCreate(
            CaptureMode.One, handler, new EndpointSettings { NoPacketMs = 60_000 }, new SpeechMemory(16 << 20), new SpeechMetrics(services.GetRequiredService<IMeterFactory>()))!;
        using var worker = new SpeechWorker(0, () => broken, log);
        worker.Add(capture);
        byte[][] packets = [.. TestSound.Packets([.. TestSound.Voice(900), .. new short[VoiceStream.SampleRate]])];
        foreach (byte[] packet in packets)
        {
            capture.Put(packet);
        }

        await Eventually.TrueAsync(() => handler.Ended.Count == 1, "the utterance is found");
        Assert.True(broken.IsDisposed);
        Assert.Single(log.Lines);
    }

    /// <summary>Keeps memory of its own kind, then fails.</summary>
    private sealed class BrokenDetector(int windows) : IVoiceDetector
    {
        private int _left = windows;

        public bool IsDisposed { get; private set; }

        public void Detect(ReadOnlySpan<VoiceStream> streams)
        {
            if (_left-- == 0)
            {
                throw new InvalidOperationException("the model failed");
            }

            foreach (VoiceStream stream in streams)
            {
                stream.Memory = "memory of another kind";
                stream.Probability = 0;
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
