using FastGate.Speech.Codec;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;

namespace FastGate.Tests.Speech;

/// <summary>Opus in Ogg pages from a server on a socket gives the same sound as the packets themselves.</summary>
public sealed class OggOpusStreamTests : IDisposable
{
    private const int PreSkip = 312;

    private readonly ProviderFixture _fixture = new();
    private readonly List<byte[]> _packets = TestSound.Packets(TestSound.Voice(1_200));

    public void Dispose() => _fixture.Dispose();

    /// <summary>Packets in a page, and bytes in a piece of the answer.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100)]
    [InlineData(3, 997)]
    [InlineData(50, 100_000)]
    public async Task An_ogg_answer_is_decoded_as_it_comes(int packetsInPage, int pieceSize)
    {
        byte[] file = Ogg(packetsInPage);
        await using LoopbackServer server = await LoopbackServer.StartAsync((_, context) => LoopbackServer.WriteAsync(context, file, pieceSize));
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address) with { Format = "opus" };

        (int rate, short[] samples) = await ProviderFixture.CollectAsync(_fixture.Synthesizer((new OpenAiSynthesizer(settings), settings)));

        Assert.Equal(OggOpusStream.SampleRate, rate);
        Assert.Equal(Decode()[(PreSkip / 2)..], samples);
    }

    [Fact]
    public async Task A_packet_that_is_longer_than_a_page_is_joined()
    {
        _packets.Clear();
        using (IOpusEncoder encoder = OpusCodec.Best.CreateEncoder(16_000, new OpusSettings(128_000, 0)))
        {
            byte[] packet = new byte[IOpusEncoder.MaxPacket];
            _packets.Add(packet[..encoder.Encode(TestSound.Noise(60, 0.5), packet)]);
        }

        Assert.True(_packets[0].Length > 600);
        int half = 255 * (_packets[0].Length / 2 / 255);
        byte[] file = [.. Ogg(0), .. Page([255, .. Lacing(half)[1..^1]], _packets[0][..half]), .. Page(Lacing(_packets[0].Length - half), _packets[0][half..])];
        using var reader = new OggOpusStream(new MemoryStream(file), default);

        Assert.Equal(Decode()[(PreSkip / 2)..], (await reader.ReadAsync(CancellationToken.None)).ToArray());
        Assert.True((await reader.ReadAsync(CancellationToken.None)).IsEmpty);
    }

    /// <summary>Truncated anywhere, or with any byte changed, a stream ends or is refused; nothing else is thrown.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Broken_streams_end_or_are_refused(int seed)
    {
        var random = new Random(seed);
        byte[] good = Ogg(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] file = good[..random.Next(1, good.Length + 1)];
            for (int changes = random.Next(0, 4); changes > 0; changes--)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            using var reader = new OggOpusStream(new MemoryStream(file), default);
            try
            {
                while (!(await reader.ReadAsync(CancellationToken.None)).IsEmpty)
                {
                }
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }
    }

    private short[] Decode()
    {
        using IOpusDecoder decoder = OpusCodec.Best.CreateDecoder(OggOpusStream.SampleRate);
        short[] pcm = new short[OggOpusStream.SampleRate];
        return [.. _packets.SelectMany(packet => pcm[..decoder.Decode(packet, pcm)])];
    }

    /// <summary>Head and tags in pages of their own, then the packets.</summary>
    private byte[] Ogg(int packetsInPage)
    {
        byte[] head = [.. "OpusHead"u8, 1, 1, PreSkip & 0xFF, PreSkip >> 8, 0x80, 0x3E, 0, 0, 0, 0, 0];
        byte[] tags = [.. "OpusTags"u8, 0, 0, 0, 0, 0, 0, 0, 0];
        List<byte> file = [.. Page(Lacing(head.Length), head), .. Page(Lacing(tags.Length), tags)];
        foreach (byte[][] page in packetsInPage == 0 ? [] : _packets.Chunk(packetsInPage))
        {
            file.AddRange(Page([.. page.SelectMany(static packet => Lacing(packet.Length))], [.. page.SelectMany(static packet => packet)]));
        }

        return [.. file];
    }

    private static byte[] Lacing(int length) => [.. Enumerable.Repeat((byte)255, length / 255), (byte)(length % 255)];

    private static byte[] Page(byte[] lacing, byte[] body) => [.. "OggS"u8, .. new byte[22], (byte)lacing.Length, .. lacing, .. body];
}
