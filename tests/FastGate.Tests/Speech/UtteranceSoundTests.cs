using FastGate.Speech;
using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

public sealed class UtteranceSoundTests
{
    private readonly SpeechMemory _memory = new(1 << 20);

    [Fact]
    public void Samples_are_kept_over_the_blocks()
    {
        short[] sound = TestSound.Voice(5_000);
        Utterance utterance = Filled(sound, 777);
        Assert.Equal(sound, utterance.ToSamples());
        Assert.Equal(TimeSpan.FromSeconds(5), utterance.Duration);
    }

    [Fact]
    public async Task A_reader_that_reads_along_gets_every_sample()
    {
        short[] sound = TestSound.Voice(5_000);
        var utterance = new Utterance(_memory);
        Task<byte[]> reading = Task.Run(async () =>
        {
            List<byte> all = [];
            await foreach (byte[] piece in utterance.ReadAsync(CancellationToken.None))
            {
                all.AddRange(piece);
            }

            return all.ToArray();
        });
        for (int at = 0; at < sound.Length; at += 500)
        {
            Assert.True(utterance.TryAppend(sound.AsSpan(at, Math.Min(500, sound.Length - at))));
            await Task.Yield();
        }

        utterance.Complete();
        byte[] bytes = await reading.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(sound, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(bytes).ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(100_000)]
    public void Samples_can_be_read_in_pieces(int size)
    {
        short[] sound = TestSound.Voice(5_000);
        Utterance utterance = Filled(sound, 777);
        List<short> read = [];
        short[] piece = new short[size];
        for (int count = utterance.Read(0, piece); count > 0; count = utterance.Read(read.Count, piece))
        {
            read.AddRange(piece[..count]);
        }

        Assert.Equal(sound, read);
    }

    /// <summary>Appending costs the sound and nothing else while no reader waits.</summary>
    [Fact]
    public void Appending_allocates_nothing_within_a_block()
    {
        var utterance = new Utterance(_memory);
        short[] window = new short[VoiceStream.Window];
        utterance.TryAppend(window);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
            {
                utterance.TryAppend(window);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Wav_file_has_a_header_and_every_sample()
    {
        short[] sound = TestSound.Voice(5_000);
        using var content = new FastGate.Speech.Recognition.WavContent(Filled(sound, 777));
        byte[] file = await content.ReadAsByteArrayAsync();
        Assert.Equal(content.Headers.ContentLength, file.Length);
        Assert.Equal("RIFF", System.Text.Encoding.ASCII.GetString(file, 0, 4));
        Assert.Equal(file.Length - 8, BitConverter.ToInt32(file, 4));
        Assert.Equal(VoiceStream.SampleRate, BitConverter.ToInt32(file, 24));
        Assert.Equal(sound.Length * sizeof(short), BitConverter.ToInt32(file, 40));
        Assert.Equal(sound, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(file.AsSpan(44)).ToArray());
    }

    [Fact]
    public void Released_memory_is_given_back_once()
    {
        Utterance utterance = Filled(TestSound.Voice(3_000), 512);
        Assert.True(_memory.Lent > 0);
        utterance.Release();
        utterance.Release();
        Assert.Equal(0, _memory.Lent);
        Assert.Empty(utterance.ToSamples());
    }

    [Fact]
    public void Sound_beyond_the_bound_is_refused()
    {
        var utterance = new Utterance(new SpeechMemory(70_000));
        Assert.True(utterance.TryAppend(new short[30_000]));
        Assert.False(utterance.TryAppend(new short[30_000]));
    }

    [Fact]
    public void An_utterance_is_claimed_once()
    {
        var utterance = new Utterance(_memory);
        Assert.True(utterance.TryClaim());
        Assert.False(utterance.TryClaim());
    }

    private Utterance Filled(short[] sound, int step)
    {
        var utterance = new Utterance(_memory);
        for (int at = 0; at < sound.Length; at += step)
        {
            Assert.True(utterance.TryAppend(sound.AsSpan(at, Math.Min(step, sound.Length - at))));
        }

        return utterance;
    }
}
