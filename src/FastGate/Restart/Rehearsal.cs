using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace FastGate.Restart;

/// <summary>
/// Starts the program on disk as a child that does what a start does before it opens a port, and says whether it would succeed. A program that
/// cannot start would take all connections with it.
/// </summary>
/// <param name="program">Returns the program to start.</param>
/// <param name="secrets">Texts that must not be repeated.</param>
/// <param name="limit">How long the child may take.</param>
internal sealed class Rehearsal(Func<ProgramImage> program, Func<IEnumerable<string>> secrets, TimeSpan limit)
{
    /// <summary>The hidden argument of the child.</summary>
    public const string Argument = "--rehearse";

    private const int MaxOutput = 64 * 1024;
    private const int MaxReason = 600;
    private const int ShortestSecret = 4;
    private const string Reply = "state format ";

    /// <summary>The line by which a rehearsal reports success. The child writes one for each version of the state that it reads.</summary>
    public static string ReplyFor(uint version) => string.Create(CultureInfo.InvariantCulture, $"{Reply}{version}");

    /// <summary>Null when the program would start and read the state of format <paramref name="version"/>, else the reason.</summary>
    public async Task<string?> RunAsync(uint version, CancellationToken cancellationToken)
    {
        ProgramImage image = program();
        var start = new ProcessStartInfo(image.Path)
        {
            // None of the streams is a terminal, so none can stop the child.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in image.Arguments.Skip(1).Append(Argument))
        {
            start.ArgumentList.Add(argument);
        }

        using var child = new Process { StartInfo = start };
        try
        {
            child.Start();
        }
        catch (Win32Exception exception)
        {
            return $"{image.Path} cannot be started: {exception.Message}";
        }

        child.StandardInput.Close();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            Task<string> output = ReadAsync(child.StandardOutput.BaseStream, timeout.Token);
            Task<string> error = ReadAsync(child.StandardError.BaseStream, timeout.Token);
            await child.WaitForExitAsync(timeout.Token);
            string said = await output;
            return child.ExitCode != 0 ? $"a rehearsal of the start ended with status {child.ExitCode}: {Words(await error, said)}"
                : said.Split('\n').Contains(ReplyFor(version)) ? null
                : $"the program on disk cannot take over the state of this one (format {version})";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"a rehearsal of the start did not end within {limit.TotalSeconds:0} s";
        }
        finally
        {
            await EndAsync(child);
        }
    }

    /// <summary>Reads to the end, so that the child never waits, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] kept = new byte[MaxOutput];
        byte[] rest = new byte[4096];
        int length = 0;
        while (true)
        {
            Memory<byte> target = length < kept.Length ? kept.AsMemory(length) : rest;
            int read = await stream.ReadAsync(target, cancellationToken);
            if (read == 0)
            {
                return Encoding.UTF8.GetString(kept, 0, length);
            }

            length += length < kept.Length ? read : 0;
        }
    }

    /// <summary>With its children; the exit status is taken, so that no zombie stays.</summary>
    private static async Task EndAsync(Process child)
    {
        if (!child.HasExited)
        {
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>One line, bounded and without secrets.</summary>
    private string Words(params ReadOnlySpan<string> outputs)
    {
        string words = "";
        foreach (string output in outputs)
        {
            words = words.Length > 0 ? words : output.Trim();
        }

        foreach (string secret in secrets().Where(static secret => secret.Length >= ShortestSecret).OrderByDescending(static secret => secret.Length))
        {
            words = words.Replace(secret, "***", StringComparison.Ordinal);
        }

        words = string.Join("; ", words.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        words = new string([.. words.Where(static character => !char.IsControl(character))]);
        return words.Length == 0 ? "it gave no reason" : words.Length > MaxReason ? $"{words[..MaxReason]}..." : words;
    }
}
