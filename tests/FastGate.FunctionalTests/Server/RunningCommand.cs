using System.Diagnostics;
using System.Text;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Server;

/// <summary>A command of the server's executable that runs beside a test, with its output in pipes.</summary>
public sealed class RunningCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    private RunningCommand(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    public string Output => TextOf(_output);

    public string Errors => TextOf(_errors);

    public static RunningCommand Start(GatewayProcess gateway, params string[] words)
    {
        PosixProcess.RestoreSigInt();
        string[] command = [.. RepositoryPaths.ServerCommand(), .. words];
        Process process = ExternalProgram.Start(command[0], command.Skip(1), gateway.WorkingDirectory);
        process.StandardInput.Close();
        return new RunningCommand(process);
    }

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt() => PosixProcess.Signal(_process.Id, PosixProcess.SigInt);

    /// <summary>Waits for the end of the process and of its output.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline.Program);
        await _reading.WaitAsync(Deadline.Hang);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder into)
    {
        char[] buffer = new char[4096];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            lock (into)
            {
                into.Append(buffer, 0, read);
            }
        }
    }
}
