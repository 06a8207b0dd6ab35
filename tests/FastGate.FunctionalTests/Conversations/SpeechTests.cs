using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A device that speaks to a server without any service: it hears what it said.</summary>
public sealed class SpeechTests
{
    private const int SampleRate = 16_000;
    private const int SamplesPerFrame = SampleRate * 60 / 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_device_hears_what_it_said(int version)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        AudioFraming framing = version switch { 2 => AudioFraming.Version2, 3 => AudioFraming.Version3, _ => AudioFraming.Raw };
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "speaker");
        await device.SendAsync(ClientFrame.Text($$"""{"type":"hello","version":{{version}},"transport":"websocket"}"""));
        await device.SendAsync(ClientFrame.Text("""{"type":"listen","state":"start","mode":"auto"}"""));
        short[] said = [.. Voice(seconds: 1), .. new short[SampleRate]];
        foreach (byte[] packet in Packets(said))
        {
            var message = new System.Buffers.ArrayBufferWriter<byte>();
            AudioFrameWriter.Write(message, framing, packet);
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, message.WrittenSpan.ToArray()));
        }

        List<string> texts = [];
        List<short> heard = [];
        using IOpusDecoder decoder = OpusCodec.Best.CreateDecoder(SampleRate);
        short[] pcm = new short[SampleRate];
        while (texts.Count == 0 || !texts[^1].Contains("\"stop\"", StringComparison.Ordinal))
        {
            RawFrame frame = await device.ReadFrameAsync() ?? throw new EndOfStreamException();
            if (frame.Opcode == RawFrame.Text)
            {
                texts.Add(frame.PayloadText);
                continue;
            }

            Assert.Contains(texts, static text => text.Contains("\"start\"", StringComparison.Ordinal));
            Assert.True(AudioFrameReader.TryRead(framing, frame.Payload, out AudioFrame audio));
            heard.AddRange(pcm[..decoder.Decode(audio.Payload, pcm)]);
        }

        Assert.InRange(heard.Count, SampleRate, 2 * SampleRate);
        Assert.InRange(EnergyDetector.LevelDb([.. heard]), EnergyDetector.LevelDb(said) - 4, EnergyDetector.LevelDb(said) + 4);
        Assert.Contains("parrot", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Random bytes as audio are counted, and another device is served.</summary>
    [Fact]
    public async Task Random_packets_are_counted_and_other_devices_are_served()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using AdminClient admin = new(gateway);
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "noisy");
        await device.SendAsync(ClientFrame.Text("""{"type":"listen","state":"start","mode":"auto"}"""));
        var random = new Random(3);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] packet = new byte[random.Next(1, 300)];
            random.NextBytes(packet);
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, packet));
        }

        await using DeviceClient other = await DeviceClient.ConnectAsync(gateway, "other");
        await other.SayAsync("还在吗？");
        await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_speech_packets_dropped_total", "invalid"), static count => count > 1_000);
        Assert.DoesNotContain("[8001]", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static short[] Voice(int seconds)
    {
        short[] samples = new short[seconds * SampleRate];
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / SampleRate;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * 140 * harmonic * t) / harmonic;
            }

            samples[i] = (short)(short.MaxValue * 0.15 * sum * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t))));
        }

        return samples;
    }

    private static List<byte[]> Packets(ReadOnlySpan<short> samples)
    {
        using IOpusEncoder encoder = OpusCodec.Best.CreateEncoder(SampleRate, new OpusSettings(24_000, 0));
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        List<byte[]> packets = [];
        for (; samples.Length >= SamplesPerFrame; samples = samples[SamplesPerFrame..])
        {
            packets.Add(packet[..encoder.Encode(samples[..SamplesPerFrame], packet)]);
        }

        return packets;
    }
}
