using System.Diagnostics;
using System.Globalization;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Server;

/// <summary>Attaches strace to a running server: records system calls until it is disposed, and makes them fail if a fault is given.</summary>
public sealed class SystemCallFaults : IAsyncDisposable
{
    private readonly Process _tracer;
    private readonly string _folder;

    private SystemCallFaults(Process tracer, string folder)
    {
        _tracer = tracer;
        _folder = folder;
    }

    /// <summary><paramref name="calls"/> is a comma-separated list; a name with a leading question mark may be unknown to the kernel.</summary>
    public static async Task<SystemCallFaults> AttachAsync(int processId, string calls, string? fault)
    {
        // One file per thread: in a shared file, overlapping calls are split across lines.
        string folder = Directory.CreateTempSubdirectory("fastgate-trace-").FullName;
        string id = processId.ToString(CultureInfo.InvariantCulture);
        Process tracer = ExternalProgram.Start(
            "strace",
            [
                "-p", id, "-ff", "-ttt", "-yy", "-s", "0", "-o", Path.Combine(folder, "thread"),
                "-e", $"trace={calls}", "-e", "signal=none", .. fault is null ? Array.Empty<string>() : ["-e", $"inject={calls}:{fault}"],
            ]);
        try
        {
            string? line = await tracer.StandardError.ReadLineAsync().WaitAsync(Deadline.Program);
            Assert.Contains("attached", line, StringComparison.Ordinal);
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

    /// <summary>The calls of one thread.</summary>
    public IReadOnlyList<string> LinesOf(int thread)
    {
        string file = Path.Combine(_folder, $"thread.{thread.ToString(CultureInfo.InvariantCulture)}");
        return File.Exists(file) ? File.ReadAllLines(file) : [];
    }

    /// <summary>Stops the faults; the server continues to run. strace ends by itself, at any moment, after a server that has ended.</summary>
    public async Task DetachAsync()
    {
        _ = PosixProcess.TrySignal(_tracer.Id, PosixProcess.SigInt);
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
