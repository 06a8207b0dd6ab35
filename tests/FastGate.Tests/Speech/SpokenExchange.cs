using FastGate.Configuration.Options;
using FastGate.Protocol.Framing;
using FastGate.Speech.Codec;
using FastGate.Speech.Hearing;
using FastGate.Testing;

namespace FastGate.Tests.Speech;

/// <summary>What a device sends when it listens, and what it hears.</summary>
internal static class SpokenExchange
{
    public const string Start = """{"type":"listen","state":"start","mode":"auto"}""";
    public const string Manual = """{"type":"listen","state":"start","mode":"manual"}""";
    public const string Realtime = """{"type":"listen","state":"start","mode":"realtime"}""";
    public const string Stop = """{"type":"listen","state":"stop"}""";

    /// <summary>A short silence ends an utterance. A machine that pauses delays the packets, which must not end it.</summary>
    public static SpeechVadOptions Vad { get; } = new() { Silence = TimeSpan.FromMilliseconds(200), NoPacket = TimeSpan.FromSeconds(60) };

    public static async Task<ScriptedDevice> ListeningAsync(ConnectionHarness harness, string listen)
    {
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(listen);
        return device;
    }

    /// <summary>Words, then the silence that ends them.</summary>
    public static async Task SayAsync(ScriptedDevice device)
    {
        await SpeakAsync(device, TestSound.Voice(600));
        await SpeakAsync(device, new short[VoiceStream.SampleRate / 2]);
    }

    public static async Task SpeakAsync(ScriptedDevice device, short[] sound)
    {
        foreach (byte[] packet in TestSound.Packets(sound))
        {
            await device.SendFrameAsync(Opcode.Binary, packet);
        }
    }

    public static string Text(ReceivedFrame frame) => frame.Opcode == Opcode.Text ? System.Text.Encoding.UTF8.GetString(frame.Payload) : "";

    public static async Task ReadUntilAsync(ScriptedDevice device, string text)
    {
        while (!Text(await device.ReceiveFrameAsync()).Contains(text, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Everything up to the stop.</summary>
    public static async Task<Heard> HearAsync(ScriptedDevice device)
    {
        using IOpusDecoder decoder = OpusCodec.Best.CreateDecoder(VoiceStream.SampleRate);
        short[] pcm = new short[VoiceStream.SampleRate];
        List<string> order = [];
        List<short> samples = [];
        while (order.Count == 0 || order[^1] != "tts stop")
        {
            ReceivedFrame frame = await device.ReceiveFrameAsync();
            if (frame.Opcode == Opcode.Binary)
            {
                samples.AddRange(pcm[..decoder.Decode(frame.Payload, pcm)]);
                if (order.LastOrDefault() != "sound")
                {
                    order.Add("sound");
                }

                continue;
            }

            using var json = System.Text.Json.JsonDocument.Parse(frame.Payload);
            string Value(string name) => json.RootElement.TryGetProperty(name, out System.Text.Json.JsonElement value) ? value.GetString()! : "";
            order.Add(Value("type") switch
            {
                "stt" => $"stt {Value("text")}",
                "tts" when Value("state") == "sentence_start" => Value("text"),
                "tts" => $"tts {Value("state")}",
                string other => other,
            });
        }

        return new Heard(string.Join(", ", order), [.. samples]);
    }

    public sealed record Heard(string Order, short[] Samples);
}
