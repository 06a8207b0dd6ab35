using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Speech;

/// <summary>espeak-ng where it is installed, and programs in its place that fail in their own ways.</summary>
public sealed class EspeakSynthesizerTests : IDisposable
{
    private readonly ProviderFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("fastgate-espeak-").FullName;

    public void Dispose()
    {
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [EspeakTheory]
    [InlineData("Good morning, how are you today?")]
    [InlineData("你好，今天天气怎么样？")]
    public async Task The_program_speaks(string sentence)
    {
        SpeechProviderSettings settings = ProviderFixture.Settings("");
        (int rate, short[] samples) = await ProviderFixture.CollectAsync(_fixture.Synthesizer((new EspeakSynthesizer(settings), settings)), sentence);

        Assert.Equal(22_050, rate);
        Assert.InRange(samples.Length, rate, 10 * rate);
        Assert.InRange(EnergyDetector.LevelDb(samples), -35, -3);
    }

    [EspeakFact]
    public async Task A_faster_pace_takes_less_time()
    {
        SpeechProviderSettings slow = ProviderFixture.Settings("") with { Speed = 0.5 };
        SpeechProviderSettings fast = slow with { Speed = 2 };
        (_, short[] longer) = await ProviderFixture.CollectAsync(_fixture.Synthesizer((new EspeakSynthesizer(slow), slow)), "one two three four five");
        (_, short[] shorter) = await ProviderFixture.CollectAsync(_fixture.Synthesizer((new EspeakSynthesizer(fast), fast)), "one two three four five");
        Assert.True(shorter.Length * 2 < longer.Length);
    }

    /// <summary>What the program does, and whether its sound was heard before the failure.</summary>
    [Theory]
    [InlineData("exit 3", false)]
    [InlineData("cat sound; exit 3", true)]
    [InlineData("cat sound; kill -9 $$", true)]
    [InlineData("kill -9 $$", false)]
    [InlineData("echo no sound at all", false)]
    [InlineData("exec sleep 1000", false)]
    [InlineData("cat sound; exec sleep 1000", true)]
    public async Task A_program_that_fails_is_reported_and_leaves_no_process(string script, bool hasSound)
    {
        SpeechProviderSettings settings = ProviderFixture.Settings("", hangs: script.Contains("sleep", StringComparison.Ordinal) && !hasSound);
        settings = script.EndsWith("sleep 1000", StringComparison.Ordinal) ? settings with { BetweenTimeout = TimeSpan.FromMilliseconds(300) } : settings;
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new EspeakSynthesizer(settings, await ProgramAsync(script)), settings));
        int samples = 0;

        await Assert.ThrowsAsync<SpeechProviderException>(async () =>
        {
            await foreach (SoundPiece piece in synthesizer.SynthesizeAsync("Hello.", CancellationToken.None))
            {
                samples += piece.Samples.Length;
            }
        });

        Assert.Equal(hasSound, samples > 0);
        _fixture.AssertSlotsAreFree();
        await AssertProcessEndsAsync();
    }

    /// <summary>The sentence is longer than a pipe holds, so the program always ends before it is written.</summary>
    [Fact]
    public async Task A_program_that_ends_before_it_has_read_the_sentence_is_judged_by_its_sound()
    {
        SpeechProviderSettings settings = ProviderFixture.Settings("");
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new EspeakSynthesizer(settings, await ProgramAsync("cat sound")), settings));

        (_, short[] samples) = await ProviderFixture.CollectAsync(synthesizer, new string('a', 200_000));

        Assert.Equal(TestSound.Voice(100), samples);
    }

    [Fact]
    public async Task A_cancelled_sentence_ends_the_program()
    {
        SpeechProviderSettings settings = ProviderFixture.Settings("");
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new EspeakSynthesizer(settings, await ProgramAsync("cat sound; exec sleep 1000")), settings));
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SoundPiece _ in synthesizer.SynthesizeAsync("Hello.", cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });

        _fixture.AssertSlotsAreFree();
        await AssertProcessEndsAsync();
    }

    [Fact]
    public async Task A_missing_program_is_reported_and_the_second_provider_speaks()
    {
        SpeechProviderSettings settings = ProviderFixture.Settings("");
        GuardedSynthesizer synthesizer = _fixture.Synthesizer(
            (new EspeakSynthesizer(settings, Path.Combine(_folder, "absent")), settings), (new EspeakSynthesizer(settings, await ProgramAsync("cat sound")), settings));

        (_, short[] samples) = await ProviderFixture.CollectAsync(synthesizer);

        Assert.Equal(TestSound.Voice(100), samples);
        Assert.Contains("cannot be started", _fixture.Guards[0].LastError, StringComparison.Ordinal);
    }

    /// <summary>A shell script that notes its process id, beside a file with sound.</summary>
    private async Task<string> ProgramAsync(string script)
    {
        string program = Path.Combine(_folder, "program");
        await File.WriteAllBytesAsync(Path.Combine(_folder, "sound"), WavFile.Create(TestSound.Voice(100), 16_000));
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ncd {_folder}\necho $$ > pid\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return program;
    }

    private async Task AssertProcessEndsAsync()
    {
        string pid = (await File.ReadAllTextAsync(Path.Combine(_folder, "pid"))).Trim();
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"), "the process has ended");
    }
}

/// <summary>Skipped where espeak-ng is not installed.</summary>
public sealed class EspeakFactAttribute : FactAttribute
{
    public EspeakFactAttribute() => Skip = EspeakSynthesizer.IsInstalled ? null : "espeak-ng is not installed";
}

/// <summary>Skipped where espeak-ng is not installed.</summary>
public sealed class EspeakTheoryAttribute : TheoryAttribute
{
    public EspeakTheoryAttribute() => Skip = EspeakSynthesizer.IsInstalled ? null : "espeak-ng is not installed";
}
