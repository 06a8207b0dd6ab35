using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Synthesis;

/// <summary>Speech by the program espeak-ng: a voice without any service. One process for a sentence, which takes some 10 ms.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="program">The program; tests give another.</param>
internal sealed class EspeakSynthesizer(SpeechProviderSettings settings, string program = EspeakSynthesizer.Program) : ISpeechSynthesizer
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
            try
            {
                await process.StandardInput.WriteAsync(sentence.AsMemory(), cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // The program has ended before it read the sentence. Its output and exit code say more than the broken pipe.
            }

            var samples = new SampleStream(process.StandardOutput.BaseStream);
            int rate = await samples.OpenAsync(rawRate: 0, cancellationToken);
            if (rate == 0)
            {
                throw new SpeechProviderException($"{Name}: {program} wrote no sound");
            }

            for (ReadOnlyMemory<short> piece = await samples.ReadAsync(cancellationToken); !piece.IsEmpty; piece = await samples.ReadAsync(cancellationToken))
            {
                yield return new SoundPiece(rate, piece);
            }

            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new SpeechProviderException($"{Name}: {program} ended with {process.ExitCode}");
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

    /// <summary>The pace of 1 is the program's default of 175 words a minute.</summary>
    private string[] Arguments(string voice) => settings.Speed is { } speed
        ? ["--stdin", "--stdout", "-v", voice, "-s", ((int)(175 * speed)).ToString(System.Globalization.CultureInfo.InvariantCulture)]
        : ["--stdin", "--stdout", "-v", voice];

    private Process Start(string voice)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, Arguments(voice))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new System.Text.UTF8Encoding(false),
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new SpeechProviderException($"{Name}: {program} cannot be started ({exception.Message})", exception);
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
            // The program has ended already.
        }
    }
}
