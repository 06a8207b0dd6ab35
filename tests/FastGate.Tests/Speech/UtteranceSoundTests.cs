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
