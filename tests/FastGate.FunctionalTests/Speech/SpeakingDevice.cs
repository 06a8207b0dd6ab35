using System.Buffers;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;

namespace FastGate.FunctionalTests.Speech;

/// <summary>A device with a microphone and a speaker: sends sound as its hello announced it, and decodes what it hears.</summary>
internal sealed class SpeakingDevice : IDisposable
{
    /// <summary>Samples per second of <see cref="SpokenReply.Samples"/>.</summary>
    public const int HeardRate = 16_000;

    // Three times as fast as a microphone. The gateway keeps 40 packets, so this must not be much faster.
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    private readonly RawConnection _connection;
    private readonly MicrophoneSettings _microphone;
    private readonly IOpusEncoder _encoder;
    private readonly IOpusDecoder _decoder;
    private readonly short[] _decoded = new short[HeardRate * OpusPacket.MaxDurationMs / 1000];
    private uint _sequence;

    private SpeakingDevice(RawConnection connection, MicrophoneSettings microphone)
    {
        _connection = connection;
        _microphone = microphone;
        _encoder = microphone.Codec.CreateEncoder(microphone.SampleRate, new OpusSettings(32_000, 5));
        _decoder = microphone.Codec.CreateDecoder(HeardRate);
    }

    public int SampleRate => _microphone.SampleRate;

    public static async Task<SpeakingDevice> ConnectAsync(GatewayProcess gateway, string deviceId, MicrophoneSettings? microphone = null)
    {
        microphone ??= new MicrophoneSettings();
        RawConnection connection = await RawConnection.OpenAsync(gateway.DevicePort);
        await connection.SendAsync(DeviceTexts.Esp32Request(deviceId, "/xiaozhi/v1/" + (microphone.Framing == AudioFraming.MqttGateway ? "?from=mqtt_gateway" : "")));
        Assert.Equal(101, (await connection.ReadReplyAsync()).Status);
        int version = microphone.Framing switch { AudioFraming.Version2 => 2, AudioFraming.Version3 => 3, _ => 1 };
        await connection.SendAsync(ClientFrame.Text(
            $$$"""{"type":"hello","version":{{{version}}},"transport":"websocket","audio_params":{"format":"opus","sample_rate":{{{microphone.SampleRate}}},"channels":1,"frame_duration":{{{microphone.FrameMs}}}}}"""));
        Assert.Contains("\"hello\"", (await connection.ReadFrameAsync())!.PayloadText, StringComparison.Ordinal);
        return new SpeakingDevice(connection, microphone);
    }

    public Task SendAsync(string text) => _connection.SendAsync(ClientFrame.Text(text));

    public Task ListenAsync(string mode) => SendAsync($$"""{"type":"listen","state":"start","mode":"{{mode}}"}""");

    public Task StopListeningAsync() => SendAsync("""{"type":"listen","state":"stop"}""");

    /// <summary>Sends the sound; a rest shorter than a packet is filled up with silence.</summary>
    public async Task SpeakAsync(short[] samples)
    {
        int size = _microphone.SampleRate * _microphone.FrameMs / 1000;
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        using PeriodicTimer pace = new(s_pace * _microphone.FrameMs / 60);
        for (int at = 0; at < samples.Length; at += size)
        {
            short[] frame = new short[size];
            samples.AsSpan(at, Math.Min(size, samples.Length - at)).CopyTo(frame);
            int length = _encoder.Encode(frame, packet);
            await SendPacketAsync(packet[..length]);
            await pace.WaitForNextTickAsync();
        }
    }

    public Task SendPacketAsync(byte[] packet)
    {
        ArrayBufferWriter<byte> message = new();
        AudioFrameWriter.Write(message, _microphone.Framing, packet, timestamp: _sequence * (uint)_microphone.FrameMs, sequence: _sequence);
        _sequence++;
        return _connection.SendAsync(ClientFrame.Build(RawFrame.Binary, message.WrittenSpan.ToArray()));
    }

    /// <summary>Everything up to the next <c>tts stop</c>, or up to the first message that contains <paramref name="until"/>.</summary>
    public async Task<SpokenReply> HearAsync(string? until = null)
    {
        SpokenReply reply = new();
        while (true)
        {
            RawFrame frame = await _connection.ReadFrameAsync() ?? throw new EndOfStreamException($"The connection ended after: {reply.Order}");
            if (frame.Opcode == RawFrame.Binary)
            {
                Assert.True(AudioFrameReader.TryRead(_microphone.Framing, frame.Payload, out AudioFrame audio));
                int count = _decoder.Decode(audio.Payload, _decoded);
                Assert.Equal(HeardRate * 60 / 1000, count);
                reply.AddSound(_decoded[..count]);
                continue;
            }

            Assert.Equal(RawFrame.Text, frame.Opcode);
            reply.AddText(JsonNode.Parse(frame.PayloadText)!.AsObject());
            if (until is null ? reply.IsComplete : frame.PayloadText.Contains(until, StringComparison.Ordinal))
            {
                return reply;
            }
        }
    }

    /// <summary>The next message is the answer to a ping: nothing else was on its way.</summary>
    public async Task AssertSilentAsync()
    {
        await SendAsync(DeviceTexts.Ping);
        RawFrame? frame = await _connection.ReadFrameAsync();
        Assert.True(frame is { Opcode: RawFrame.Text } && frame.PayloadText.Contains("pong", StringComparison.Ordinal), $"opcode {frame?.Opcode}");
    }

    public void Dispose()
    {
        _connection.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
