using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Speech;
using FastGate.Speech.Codec;
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
        using var worker = new SpeechWorker(0, static () => OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate), () => broken, log);
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

    /// <summary>The loop may still write into the packets of a faulted capture, so they are given back only after it has closed it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_capture_whose_decoder_fails_keeps_its_packets_until_it_is_closed(bool isSaved)
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new SpeechMetrics(services.GetRequiredService<IMeterFactory>());
        var log = new RecordingLogger<SpeechWorker>();
        var memory = new SpeechMemory(16 << 20);
        var broken = new BrokenDecoder();
        IOpusDecoder? first = broken;
        using var worker = new SpeechWorker(
            0, () => Interlocked.Exchange(ref first, null) ?? OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate), static () => new EnergyDetector(), log);
        Capture Listen(IUtteranceHandler handler) => Capture.TryCreate(CaptureMode.One, handler, new EndpointSettings { NoPacketMs = 60_000 }, memory, metrics)!;
        byte[][] packets = [.. TestSound.Packets([.. TestSound.Voice(900), .. new short[VoiceStream.SampleRate]])];

        var faulted = new RecordingUtteranceHandler();
        Capture capture = Listen(faulted);
        long lent = memory.Lent;
        capture.Put(packets[0]);
        worker.Add(capture);
        await Eventually.TrueAsync(() => faulted.Faulted == 1, "the fault is reported");
        Assert.True(broken.IsDisposed);
        Array.ForEach(packets, packet => capture.Put(packet));

        // The other one is heard in rounds that pass the faulted one.
        var heard = new RecordingUtteranceHandler();
        Capture other = Listen(heard);
        worker.Add(other);
        Array.ForEach(packets, packet => other.Put(packet));
        await Eventually.TrueAsync(() => heard.Ended.Count == 1, "the other utterance is found");
        heard.Ended[0].Release();
        Assert.Equal(lent * 2, memory.Lent);

        if (isSaved)
        {
            Assert.Empty((await capture.SaveAsync()).Samples);
        }

        capture.Close();
        other.Close();
        await Eventually.TrueAsync(() => memory.Lent == 0, "the packets are given back");
        Assert.Equal((1, 0), (faulted.Faulted, faulted.Started));
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
