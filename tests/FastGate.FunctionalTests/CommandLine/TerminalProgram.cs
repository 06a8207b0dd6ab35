using System.Diagnostics;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>A command of the server's executable on a pseudo-terminal: what is typed reaches it as from a keyboard.</summary>
public sealed class TerminalProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;

    private TerminalProgram(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Everything that was written to the terminal.</summary>
    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    /// <param name="workingDirectory">The directory of the server.</param>
    /// <param name="words">Variables of the form NAME=value, then the command.</param>
    public static TerminalProgram Start(string workingDirectory, params string[] words)
    {
        string[] variables = ["TERM=xterm", .. words.TakeWhile(static word => word.Contains('=', StringComparison.Ordinal) && !word.StartsWith('-'))];
        string[] command = ["env", .. variables, .. RepositoryPaths.ServerCommand(), .. words.Skip(variables.Length - 1)];
        string line = string.Join(' ', command.Select(static word => $"'{word}'"));
        return new TerminalProgram(ExternalProgram.Start("/usr/bin/script", ["--quiet", "--return", "--command", $"stty cols 120 rows 40; exec {line}", "/dev/null"], workingDirectory));
    }

    public Task WaitForAsync(string text) => Eventually.TrueAsync(() => Screen.Contains(text, StringComparison.Ordinal), Deadline.Program, $"{text} on the screen");

    public Task SendAsync(char key) => SendAsync(key.ToString());

    public async Task SendAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    public async Task<int> ExitCodeAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Deadline.Program);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The program did not end. Signals of its processes: {await SignalsAsync()}; screen: {Screen}");
        }

        await _reading.WaitAsync(Deadline.Hang);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Which signals the program ignores, catches and has pending, which explains a Ctrl-C without effect.</summary>
    private async Task<string> SignalsAsync() =>
        await ExternalProgram.RunAsync("/bin/bash", ["-c", $"for id in $(pgrep -P {_process.Id}); do grep -E '^(Name|State|Sig|Shd)' /proc/$id/status; done"], "/");

    private async Task ReadAsync()
    {
        char[] buffer = new char[4096];
        for (int read; (read = await _process.StandardOutput.ReadAsync(buffer)) > 0;)
        {
            lock (_screen)
            {
                _screen.Append(buffer, 0, read);
            }
        }
    }
}
