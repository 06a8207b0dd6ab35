using FastGate.Protocol.Audio;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Audio;

public class OpusPacketTests
{
    /// <summary>Configurations of RFC 6716 section 3.1, table 2: number, mode, frame size in samples at 48 kHz.</summary>
    public static TheoryData<int, OpusMode, int> Configurations => new()
    {
        { 0, OpusMode.Silk, 480 }, { 1, OpusMode.Silk, 960 }, { 2, OpusMode.Silk, 1920 }, { 3, OpusMode.Silk, 2880 },
        { 8, OpusMode.Silk, 480 }, { 11, OpusMode.Silk, 2880 },
        { 12, OpusMode.Hybrid, 480 }, { 13, OpusMode.Hybrid, 960 }, { 15, OpusMode.Hybrid, 960 },
        { 16, OpusMode.Celt, 120 }, { 17, OpusMode.Celt, 240 }, { 30, OpusMode.Celt, 480 }, { 31, OpusMode.Celt, 960 },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Configuration_gives_mode_and_duration(int configuration, OpusMode mode, int samples)
    {
        Assert.True(OpusPacket.TryParse([(byte)(configuration << 3), 1, 2, 3], out OpusPacket packet));
        Assert.Equal((mode, samples, 1, false), (packet.Mode, packet.Samples, packet.FrameCount, packet.IsStereo));
    }

    /// <summary>Configuration 1 (20 ms) unless said otherwise; the frame count, or 0 for a packet that must be refused.</summary>
    public static TheoryData<string, byte[], int> Structures => new()
    {
        { "empty packet", [], 0 },
        { "code 0 without data: nothing to send", [0x08], 1 },
        { "code 1, two equal frames", [0x09, 1, 2, 3, 4], 2 },
        { "code 1 with an odd number of bytes", [0x09, 1, 2, 3], 0 },
        { "code 2, two frames", [0x0A, 1, 9, 8, 7], 2 },
        { "code 2 without a length", [0x0A], 0 },
        { "code 2 with a first frame beyond the end", [0x0A, 4, 9, 8, 7], 0 },
        { "code 2 with half of a length of two bytes", [0x0A, 252], 0 },
        { "code 3 without a count", [0x0B], 0 },
        { "code 3 with no frames", [0x0B, 0], 0 },
        { "code 3, three equal frames", [0x0B, 3, 1, 2, 3], 3 },
        { "code 3, three frames that are not equal", [0x0B, 3, 1, 2], 0 },
        { "code 3, 120 ms", [0x0B, 6, 1, 2, 3, 4, 5, 6], 6 },
        { "code 3, 140 ms", [0x0B, 7, 1, 2, 3, 4, 5, 6, 7], 0 },
        { "code 3 with lengths", [0x0B, 0x83, 1, 2, 9, 8, 8, 7], 3 },
        { "code 3 with lengths beyond the end", [0x0B, 0x83, 1, 9, 9, 8, 8, 7], 0 },
        { "code 3 with padding", [0x0B, 0x42, 2, 1, 2, 0, 0], 2 },
        { "code 3 with more padding than bytes", [0x0B, 0x42, 5, 1, 2, 0, 0], 0 },
        { "code 3 with padding that does not end", [0x0B, 0x42, 255, 255], 0 },
        { "a frame of 1,275 bytes", [0x08, .. new byte[1275]], 1 },
        { "a frame of 1,276 bytes", [0x08, .. new byte[1276]], 0 },
    };

    [Theory]
    [MemberData(nameof(Structures))]
    public void Structure_is_checked(string what, byte[] packet, int frames)
    {
        Assert.True(OpusPacket.TryParse(packet, out OpusPacket parsed) == frames > 0, what);
        Assert.Equal(frames, parsed.FrameCount);
    }

    /// <summary>Frames of at most one byte, wherever they are.</summary>
    [Theory]
    [InlineData(new byte[] { 0x08 }, true)]
    [InlineData(new byte[] { 0x08, 1 }, true)]
    [InlineData(new byte[] { 0x08, 1, 2 }, false)]
    [InlineData(new byte[] { 0x09, 1, 2 }, true)]
    [InlineData(new byte[] { 0x09, 1, 2, 3, 4 }, false)]
    [InlineData(new byte[] { 0x0A, 1, 9, 8, 7 }, true)]
    [InlineData(new byte[] { 0x0A, 2, 9, 8, 7 }, true)]
    [InlineData(new byte[] { 0x0A, 2, 9, 8, 7, 6 }, false)]
    [InlineData(new byte[] { 0x0B, 3, 1, 2, 3 }, true)]
    [InlineData(new byte[] { 0x0B, 2, 1, 2, 3, 4 }, false)]
    [InlineData(new byte[] { 0x0B, 0x83, 2, 1, 9, 8, 7, 6, 5 }, true)]
    [InlineData(new byte[] { 0x0B, 0x83, 2, 2, 9, 8, 7, 6, 5 }, true)]
    [InlineData(new byte[] { 0x0B, 0x83, 2, 2, 9, 8, 7, 6, 5, 4 }, false)]
    [InlineData(new byte[] { 0x0B, 0x81 }, true)]
    public void A_frame_without_data_is_found(byte[] packet, bool empty)
    {
        Assert.True(OpusPacket.TryParse(packet, out OpusPacket parsed));
        Assert.Equal(empty, parsed.HasEmptyFrame);
    }

    [Theory]
    [InlineData(0x08, 0x80, true)]
    [InlineData(0x08, 0x7F, false)]
    [InlineData(0x18, 0x20, true)]  // 60 ms: three flags
    [InlineData(0x18, 0x1F, false)]
    [InlineData(0xF8, 0xFF, null)]  // CELT has no flag
    public void Voice_flag_is_read_from_the_first_frame(byte toc, byte first, bool? voice)
    {
        byte[] packet = [toc, first, 0];
        Assert.True(OpusPacket.TryParse(packet, out OpusPacket parsed));
        Assert.Equal(voice, parsed.HasVoice(packet));
    }

    [Fact]
    public void Voice_flag_lies_behind_the_lengths()
    {
        byte[] packet = [0x0B, 0x82, 2, 0x80, 0, 0x00, 0];
        Assert.True(OpusPacket.TryParse(packet, out OpusPacket parsed));
        Assert.True(parsed.HasVoice(packet));
    }

    [Fact]
    public void Parsing_allocates_nothing()
    {
        byte[] packet = [0x0B, 0x83, 1, 2, 9, 8, 8, 7];
        Assert.Equal(0, Allocations.Of(() => Assert.True(OpusPacket.TryParse(packet, out _))));
    }
}
