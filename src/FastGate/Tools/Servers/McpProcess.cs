using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using FastGate.Llm.Failures;
using FastGate.Tools.Settings;
using ModelContextProtocol.Client;

namespace FastGate.Tools.Servers;

/// <summary>
/// The program of a server. It inherits no descriptor and only the variables that every program needs: those of this process hold secrets. It is
/// killed with its children when this object is disposed of, and when this process exits.
/// </summary>
internal sealed class McpProcess : IDisposable
{
    private const int LongestComplaint = 200;

    private static readonly TimeSpan s_ending = TimeSpan.FromMilliseconds(250);

    private readonly Process _process;
    private readonly EventHandler _onExit;
    private volatile string? _lastComplaint;
    private int _disposed;

    private McpProcess(Process process)
    {
        _process = process;
        _onExit = (_, _) => Kill();
        AppDomain.CurrentDomain.ProcessExit += _onExit;
        _ = ReadErrorsAsync();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public int Id => _process.Id;

    /// <summary>The last line that the program wrote to its standard error; null when it wrote none.</summary>
    public string? LastComplaint => _lastComplaint;

    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static McpProcess Start(McpServerSettings settings)
    {
        var start = new ProcessStartInfo(settings.Command!, settings.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = settings.WorkingFolder ?? "",
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach ((string name, string? value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
        {
            start.Environment[name] = value;
        }

        foreach ((string name, string value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        return new McpProcess(Process.Start(start)!);
    }

    /// <summary>How the program ended; null while it runs. Its streams end a moment before it does.</summary>
    public async Task<string?> EndingAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(s_ending);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException)
        {
            // It runs, or it was disposed of.
        }

        try
        {
            return _process.HasExited ? FormattableString.Invariant($"the program ended with status {_process.ExitCode}") : null;
        }
        catch (InvalidOperationException)
        {
            return "the program ended";
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        Kill();
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or NotSupportedException or AggregateException)
        {
            // It has ended.
        }
    }

    /// <summary>Reads to the end, because a program waits while its pipe is full. Keeps the end of the last line only.</summary>
    private async Task ReadErrorsAsync()
    {
        byte[] buffer = new byte[4_096];
        try
        {
            Stream errors = _process.StandardError.BaseStream;
            while (await errors.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                string[] lines = Encoding.UTF8.GetString(buffer, 0, count).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (lines.Length > 0)
                {
                    _lastComplaint = LogText.Shorten(lines[^1], LongestComplaint);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The program has ended.
        }
    }
}
