using System.Buffers;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Tests.Framing;

namespace FastGate.Protocol.Tests.Audio;

public class AudioFrameTests
{
    [Fact]
    public void Raw_frame_is_the_whole_message()
    {
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Raw, [0xF8, 1, 2], out AudioFrame frame));
        Assert.Equal((AudioFrameKind.Opus, "F80102"), (frame.Kind, Convert.ToHexString(frame.Payload)));
    }

    [Fact]
    public void Version_2_frame_has_kind_timestamp_and_size()
    {
        byte[] message = Convert.FromHexString("0002" + "0000" + "00000000" + "00012345" + "00000003" + "F80102");
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Version2, message, out AudioFrame frame));
        Assert.Equal((AudioFrameKind.Opus, 0x12345u, "F80102"), (frame.Kind, frame.Timestamp, Convert.ToHexString(frame.Payload)));

        byte[] json = [.. Convert.FromHexString("00020001000000000000000000000002"), .. "{}"u8];
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Version2, json, out frame));
        Assert.Equal(AudioFrameKind.Json, frame.Kind);
        Assert.True(frame.Payload.SequenceEqual("{}"u8));
    }

    [Fact]
    public void Version_3_frame_has_kind_and_size()
    {
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Version3, Convert.FromHexString("00000003F80102"), out AudioFrame frame));
        Assert.Equal((AudioFrameKind.Opus, 0u, "F80102"), (frame.Kind, frame.Timestamp, Convert.ToHexString(frame.Payload)));
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Version3, Convert.FromHexString("010000027B7D"), out frame));
        Assert.Equal(AudioFrameKind.Json, frame.Kind);
    }

    [Theory]
    [InlineData("010000030000000700012345" + "00000003" + "F80102", 7u)]
    [InlineData("000000000000000000012345" + "00000003" + "F80102", 0u)]
    public void Mqtt_gateway_frame_has_sequence_timestamp_and_size(string hex, uint sequence)
    {
        Assert.True(AudioFrameReader.TryRead(AudioFraming.MqttGateway, Convert.FromHexString(hex), out AudioFrame frame));
        Assert.Equal((sequence, 0x12345u, "F80102"), (frame.Sequence, frame.Timestamp, Convert.ToHexString(frame.Payload)));
    }

    [Theory]
    [InlineData(AudioFraming.Raw, "")]
    [InlineData(AudioFraming.Version2, "")]
    [InlineData(AudioFraming.Version2, "00020000000000000000000000000000")]
    [InlineData(AudioFraming.Version2, "0002000000000000000000000000")]
    [InlineData(AudioFraming.Version2, "00010000000000000000000000000001F8")]
    [InlineData(AudioFraming.Version2, "00020002000000000000000000000001F8")]
    [InlineData(AudioFraming.Version2, "00020100000000000000000000000001F8")]
    [InlineData(AudioFraming.Version2, "00020000000000000000000000000002F8")]
    [InlineData(AudioFraming.Version2, "00020000000000000000000000000000F8")]
    [InlineData(AudioFraming.Version2, "000200000000000000000000FFFFFFFFF8")]
    [InlineData(AudioFraming.Version2, "00020000000000000000000080000001F8")]
    [InlineData(AudioFraming.Version3, "00")]
    [InlineData(AudioFraming.Version3, "00000000")]
    [InlineData(AudioFraming.Version3, "00000002F8")]
    [InlineData(AudioFraming.Version3, "00000001F8F8")]
    [InlineData(AudioFraming.Version3, "0000FFFFF8")]
    [InlineData(AudioFraming.Version3, "02000001F8")]
    [InlineData(AudioFraming.MqttGateway, "0100000300000007000123450000")]
    [InlineData(AudioFraming.MqttGateway, "01000003000000070001234500000004F80102")]
    [InlineData(AudioFraming.MqttGateway, "01000003000000070001234500000000")]
    public void Try_read_refuses_invalid_frames(AudioFraming framing, string hex)
    {
        Assert.False(AudioFrameReader.TryRead(framing, Convert.FromHexString(hex), out AudioFrame frame));
        Assert.True(frame.Payload.IsEmpty);
    }

    [Fact]
    public void Try_read_accepts_the_longest_opus_packet_and_no_more()
    {
        byte[] packet = new byte[AudioFrameReader.MaxOpusPacket + 1];
        Assert.True(AudioFrameReader.TryRead(AudioFraming.Raw, packet.AsSpan(1), out _));
        Assert.False(AudioFrameReader.TryRead(AudioFraming.Raw, packet, out _));
        Assert.False(AudioFrameReader.TryRead(AudioFraming.Raw, new byte[65536], out _));
    }

    [Theory]
    [InlineData(AudioFraming.Raw)]
    [InlineData(AudioFraming.Version2)]
    [InlineData(AudioFraming.Version3)]
    [InlineData(AudioFraming.MqttGateway)]
    public void Written_frame_reads_back_and_its_prefixes_are_refused(AudioFraming framing)
    {
        foreach (int length in new[] { 1, 2, 60, 250, 4000, 60_000 })
        {
            byte[] payload = new byte[length];
            new Random(length).NextBytes(payload);
            var output = new PiecewiseWriter(8);
            AudioFrameWriter.Write(output, framing, payload, timestamp: 0xFEDCBA98, sequence: 77);
            ReadOnlySpan<byte> message = output.Written.Span;
            Assert.Equal(AudioFrameWriter.GetSize(framing, length), message.Length);
            Assert.True(AudioFrameReader.TryRead(framing, message, out AudioFrame frame));
            Assert.True(frame.Payload.SequenceEqual(payload));
            Assert.Equal(framing is AudioFraming.Version2 or AudioFraming.MqttGateway ? 0xFEDCBA98 : 0, frame.Timestamp);
            Assert.Equal(framing == AudioFraming.MqttGateway ? 77u : 0, frame.Sequence);
            for (int cut = 0; framing != AudioFraming.Raw && cut < Math.Min(message.Length, 300); cut++)
            {
                Assert.False(AudioFrameReader.TryRead(framing, message[..cut], out _));
            }
        }
    }

    [Fact]
    public void Write_throws_when_the_payload_does_not_fit()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioFrameWriter.Write(output, AudioFraming.Raw, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioFrameWriter.Write(output, AudioFraming.Version3, new byte[65536]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioFrameWriter.Write(output, AudioFraming.Raw, [1], AudioFrameKind.Json));
        Assert.Throws<ArgumentOutOfRangeException>(() => AudioFrameWriter.Write(output, AudioFraming.MqttGateway, [1], AudioFrameKind.Json));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Try_read_never_throws_and_accepts_only_matching_sizes()
    {
        var random = new Random(5);
        for (int i = 0; i < 100_000; i++)
        {
            var framing = (AudioFraming)random.Next(4);
            byte[] message = new byte[random.Next(0, 24)];
            random.NextBytes(message);
            if (random.Next(2) == 0)
            {
                message.AsSpan(0, Math.Min(message.Length, AudioFrameReader.GetHeaderSize(framing))).Clear();
            }

            if (AudioFrameReader.TryRead(framing, message, out AudioFrame frame))
            {
                Assert.Equal(AudioFrameWriter.GetSize(framing, frame.Payload.Length), message.Length);
                Assert.False(frame.Payload.IsEmpty);
            }
        }
    }
}
