using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Speech;

/// <summary>One device sends packets that are not Opus; the others do not notice it.</summary>
public sealed class HostilePacketTests
{
    private const int Packets = 10_000;

    [Fact]
    public async Task Random_and_truncated_packets_are_counted_and_others_hear_themselves()
    {
        // A busy machine delays the device's packets, which must not end its utterance.
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Speech:Vad:NoPacket=00:00:05");
        using AdminClient admin = new(gateway);
        using SpeakingDevice hostile = await SpeakingDevice.ConnectAsync(gateway, "hostile");
        using SpeakingDevice other = await SpeakingDevice.ConnectAsync(gateway, "other");
        await hostile.ListenAsync("realtime");
        await other.ListenAsync("auto");
        Task<SpokenReply> hostileHears = hostile.HearAsync(until: "pong");
        Task<SpokenReply> otherHears = other.HearAsync();
        Task hostileSends = SendAsync(hostile);
        short[] said = Sound.Words(other.SampleRate, words: 3);
        await other.SpeakAsync([.. said, .. new short[other.SampleRate]]);

        Assert.Equal(3, Sound.LevelsOfWords((await otherHears).Samples, SpeakingDevice.HeardRate).Count);
        await hostileSends;
        await hostile.SendAsync(DeviceTexts.Ping);
        await hostileHears;

        // Each packet is decoded, invalid, or dropped because the ring was full.
        double invalid = await admin.MetricAsync("fastgate_speech_packets_dropped_total", "invalid");
        Assert.InRange(invalid, Packets / 10, Packets);
        Assert.InRange(await admin.MetricAsync("fastgate_session_audio_frames_total"), Packets, double.MaxValue);
        Assert.DoesNotContain("[8001]", gateway.Log, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static async Task SendAsync(SpeakingDevice device)
    {
        Random random = new(3);
        byte[] valid = new byte[120];
        for (int i = 0; i < Packets; i++)
        {
            byte[] packet = new byte[random.Next(1, 300)];
            random.NextBytes(packet);
            if (i % 4 == 0)
            {
                // Two frames of different size, of which the second one is cut.
                valid[0] = 0x5A;
                valid[1] = 100;
                packet = valid[..random.Next(2, 100)];
            }

            await device.SendPacketAsync(packet);
        }
    }
}
