using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Synthesis;

/// <summary>Speech by the program espeak-ng: a voice without any service. One process for a sentence, which takes some 10 ms.</summary>
internal sealed class EspeakSynthesizer(SpeechProviderSettings settings) : ISpeechSynthesizer
{
    private const string Program = "espeak-ng";

    public string Name => settings.Alias;

    /// <summary>True when the program is on the path.</summary>
    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, Program)));

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Process process = Start(settings.Voice ?? VoiceOf(settings.Language, sentence));
        using CancellationTokenRegistration kill = cancellationToken.Register(static state => Kill((Process)state!), process);
        try
        {
            await process.StandardInput.WriteAsync(sentence.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            var samples = new SampleStream(process.StandardOutput.BaseStream);
            int rate = await samples.ReadWavHeaderAsync(cancellationToken);
            if (rate == 0)
            {
                throw new SpeechProviderException($"{Name}: {Program} wrote no sound");
            }

            for (ReadOnlyMemory<short> piece = await samples.ReadAsync(cancellationToken); !piece.IsEmpty; piece = await samples.ReadAsync(cancellationToken))
            {
                yield return new SoundPiece(rate, piece);
            }
        }
        finally
        {
            Kill(process);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Chinese characters need a Chinese voice: others read them as "Chinese letter".</summary>
    private static string VoiceOf(string? language, string sentence) =>
        sentence.Any(static c => c is >= '\u4e00' and <= '\u9fff') ? "cmn" : language is null or "zh" ? "en-us" : language;

    private Process Start(string voice)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Program, ["--stdin", "--stdout", "-v", voice])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new System.Text.UTF8Encoding(false),
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new SpeechProviderException($"{Name}: {Program} cannot be started ({exception.Message})", exception);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
