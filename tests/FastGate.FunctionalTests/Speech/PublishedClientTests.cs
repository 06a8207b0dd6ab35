using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Speech.Codec;

namespace FastGate.FunctionalTests.Speech;

/// <summary>
/// What published desktop, browser and telephone clients send that boards do not, in their order and spelling: a spoken turn works, and the connection
/// is kept. Streaming on without a new start is in StreamingClientTests.
/// </summary>
public sealed class PublishedClientTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const int SampleRate = 16_000;
    private const string Hello = DeviceTexts.Hello;
    private const string Start = """{"type":"listen","state":"start","mode":"auto"}""";

    /// <summary>Means the sound of an utterance with the pause that ends it.</summary>
    private const string Speech = "(speech)";

    /// <summary>A binary message without a byte.</summary>
    private const string EmptyMessage = "(empty)";

    public static TheoryData<string, string[]> Clients => new()
    {
        // The test page of xinnan-tech/xiaozhi-esp32-server: no audio_params, and the end of a recording is an empty message and a stop with a mode.
        {
            "browser page",
            [
                """{"type":"hello","device_id":"AA:BB:CC:00:11:22","device_name":"Web测试设备","device_mac":"AA:BB:CC:00:11:22","token":"your-token1","features":{"mcp":true}}""",
                """{"type":"listen","mode":"auto","state":"start"}""",
                Speech, EmptyMessage, """{"type":"listen","mode":"auto","state":"stop"}""",
            ]
        },

        // Its successor wakes the server and listens in one go.
        {
            "browser avatar",
            [
                """{"type":"hello","device_id":"a","device_name":"b","device_mac":"c","token":"","features":{"mcp":true}}""",
                """{"session_id":"x","type":"listen","state":"detect","text":"嘿，你好呀"}""",
                """{"session_id":"x","type":"listen","state":"start","mode":"auto"}""",
                """{"session_id":"x","type":"abort","reason":"wake_word_detected"}""",
                Speech, EmptyMessage,
            ]
        },

        // jiangcoder/xiaozhi-web-client: announces version 3 and sends packets without a header.
        {
            "browser proxy",
            [
                """{"type":"hello","version":3,"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""",
                """{"type":"listen","state":"start","mode":"auto"}""",
                Speech, """{"type":"listen","state":"stop","mode":"auto"}""",
            ]
        },

        // TOM88812/xiaozhi-android-client: identity as lines of text before the hello, sound before the start, and messages of its own.
        {
            "telephone",
            [
                "Authorization: Bearer test-token", "Device-ID: 02:00:00:00:00:01", Hello,
                """{"type":"speak","state":"start","mode":"auto"}""", """{"type":"start","mode":"auto","audio_params":{"format":"opus","sample_rate":16000}}""",
                EmptyMessage, Start, """{"type":"voice_unmute"}""",
                Speech, """{"session_id":"x","type":"listen","state":"stop","mode":"auto"}""",
            ]
        },

        // huangjunsen0406/py-xiaozhi: things and their states after the hello, the button's mode, and an abort of nothing.
        {
            "desktop",
            [
                Hello,
                """{"session_id":"","type":"iot","descriptors":[{"name":"Speaker","description":"音量","properties":{"volume":{"description":"当前音量值","type":"number"}},"methods":{"SetVolume":{"description":"设置音量","parameters":{"volume":{"description":"0到100","type":"integer"}}}}}]}""",
                """{"session_id":"","type":"iot","states":[{"name":"Speaker","state":{"volume":70}}]}""",
                """{"session_id":"","type":"abort"}""",
                """{"session_id":"","type":"listen","state":"start","mode":"manual"}""",
                Speech, """{"session_id":"","type":"listen","state":"stop"}""",
            ]
        },

        // The same client where its sound card cancels the echo.
        { "realtime", [Hello, """{"session_id":"x","type":"listen","state":"start","mode":"realtime"}""", Speech] },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_published_client_hears_its_own_words(string client, string[] sent)
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, client);
        foreach (string message in sent)
        {
            switch (message)
            {
                case Speech:
                    await SpeakAsync(device);
                    break;
                case EmptyMessage:
                    await device.SendAsync(ClientFrame.Build(RawFrame.Binary, []));
                    break;
                default:
                    await device.SendAsync(ClientFrame.Text(message));
                    break;
            }
        }

        // The words are played back after the answers to the messages before them.
        List<string> texts = [];
        int frames = 0;
        while (!(texts.Exists(static text => text.Contains("🔁", StringComparison.Ordinal)) && texts[^1].Contains("\"stop\"", StringComparison.Ordinal)))
        {
            RawFrame frame = await ReadFrameAsync(device, texts) ?? throw new EndOfStreamException(string.Join('\n', texts));
            if (frame.Opcode == RawFrame.Text)
            {
                texts.Add(frame.PayloadText);
                frames = frame.PayloadText.Contains("🔁", StringComparison.Ordinal) ? 0 : frames;
            }
            else
            {
                frames++;
            }
        }

        Assert.Contains("\"hello\"", texts[0], StringComparison.Ordinal);
        Assert.InRange(frames, 10, 60);
        await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
        Assert.Contains("pong", (await device.ReadFrameAsync(RawFrame.Text))!.PayloadText, StringComparison.Ordinal);
    }

    /// <summary>A timeout shows what has been received.</summary>
    private static async Task<RawFrame?> ReadFrameAsync(RawConnection device, List<string> texts)
    {
        try
        {
            return await device.ReadFrameAsync();
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{timeout.Message}\n{string.Join('\n', texts)}", timeout);
        }
    }

    /// <summary>A buzzing voice for a second and a pause for another, three times as fast as a microphone: the gateway keeps 40 packets.</summary>
    private static async Task SpeakAsync(RawConnection device)
    {
        using IOpusEncoder encoder = OpusCodec.Best.CreateEncoder(SampleRate, new OpusSettings(24_000, 0));
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(20));
        short[] samples = new short[SampleRate * 60 / 1000];
        byte[] packet = new byte[IOpusEncoder.MaxPacket];
        for (int frame = 0; frame < 2_000 / 60; frame++)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                double t = ((frame * samples.Length) + i) / (double)SampleRate;
                double voice = Enumerable.Range(1, 20).Sum(harmonic => Math.Sin(2 * Math.PI * 140 * harmonic * t) / harmonic);
                samples[i] = t < 1 ? (short)(short.MaxValue * 0.15 * voice * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t)))) : (short)0;
            }

            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, packet[..encoder.Encode(samples, packet)]));
            await pace.WaitForNextTickAsync();
        }
    }
}
