using System.Diagnostics;
using System.Globalization;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Server;

/// <summary>A tracer on a running server that makes system calls fail, until it is disposed; it writes down each call of that kind.</summary>
public sealed class SystemCallFaults : IAsyncDisposable
{
    private readonly Process _tracer;
    private readonly string _folder;

    private SystemCallFaults(Process tracer, string folder)
    {
        _tracer = tracer;
        _folder = folder;
    }

    /// <summary>Calls are names with commas between them; a name that this machine's kernel lacks has a question mark before it.</summary>
    public static async Task<SystemCallFaults> AttachAsync(int processId, string calls, string fault)
    {
        // A file for each thread: in one for all of them, calls that overlap are torn apart.
        string folder = Directory.CreateTempSubdirectory("fastgate-trace-").FullName;
        string id = processId.ToString(CultureInfo.InvariantCulture);
        Process tracer = ExternalProgram.Start(
            "strace",
            [
                "-p", id, "-ff", "-ttt", "-yy", "-s", "0", "-o", Path.Combine(folder, "thread"),
                "-e", $"trace={calls}", "-e", "signal=none", "-e", $"inject={calls}:{fault}",
            ]);
        try
        {
            string? told = await tracer.StandardError.ReadLineAsync().WaitAsync(Deadline.Program);
            Assert.Contains("attached", told, StringComparison.Ordinal);
            _ = tracer.StandardError.ReadToEndAsync();
            return new SystemCallFaults(tracer, folder);
        }
        catch
        {
            tracer.Kill();
            tracer.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> Lines() => [.. Directory.EnumerateFiles(_folder).SelectMany(static file => File.ReadLines(file))];

    /// <summary>The server goes on without it.</summary>
    public async Task DetachAsync()
    {
        PosixProcess.Signal(_tracer.Id, PosixProcess.SigInt);
        await _tracer.WaitForExitAsync().WaitAsync(Deadline.Program);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_tracer.HasExited)
        {
            await DetachAsync();
        }

        _tracer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
