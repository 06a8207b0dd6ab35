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
    public static Task<SystemCallFaults> AttachAsync(int processId, string calls, string? fault) =>
        // One file per thread: in a shared file, overlapping calls are split across lines.
        StartAsync(
            ["-p", processId.ToString(CultureInfo.InvariantCulture), "-ff", "-e", $"trace={calls}", .. fault is null ? [] : Injection($"{calls}:{fault}")]);

    /// <summary>The writes that wake an event loop, by any thread of the process.</summary>
    public static Task<SystemCallFaults> AttachToWakesAsync(int processId, string fault) => StartAsync(
        ["-p", processId.ToString(CultureInfo.InvariantCulture), "-ff", "-P", "anon_inode:[eventfd]", "-e", "trace=write", .. Injection($"write:{fault}")]);

    /// <summary>The calls of one event loop only: no thread of the runtime is struck, and strace is attached at once.</summary>
    /// <param name="processId">The server.</param>
    /// <param name="loop">The number of the loop.</param>
    /// <param name="faults">Such as <c>sendto:error=EPIPE:when=2</c>; each of another call.</param>
    public static Task<SystemCallFaults> AttachToLoopAsync(int processId, int loop, params string[] faults)
    {
        int thread = PosixProcess.Thread(processId, string.Create(CultureInfo.InvariantCulture, $"FastGate loop {loop}"));
        string calls = string.Join(',', faults.Select(CallsOf));
        return StartAsync(["-p", thread.ToString(CultureInfo.InvariantCulture), "-e", $"trace={calls}", .. faults.SelectMany(Injection)]);
    }

    private static async Task<SystemCallFaults> StartAsync(string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-trace-").FullName;
        Process tracer = ExternalProgram.Start(
            "strace", ["-ttt", "-yy", "-s", "0", "-o", Path.Combine(folder, "thread"), "-e", "signal=none", .. arguments]);
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

    /// <summary>The calls that a fault has replaced. The kernel has not run them.</summary>
    public IReadOnlyList<string> Injected() => [.. Lines().Where(static line => line.Contains("(INJECTED)", StringComparison.Ordinal))];

    /// <summary>
    /// Waits for the first call of each fault: a fault that does not happen proves nothing. The server may make the call some time after the device's own.
    /// </summary>
    public async Task AreInjectedAsync(params string[] faults)
    {
        foreach (string fault in faults)
        {
            string[] names = [.. CallsOf(fault).Split(',').Select(static name => $" {name.TrimStart('?')}(")];
            await Eventually.TrueAsync(
                () => Injected().Any(line => names.Any(name => line.Contains(name, StringComparison.Ordinal))), Deadline.Program, $"{fault} is injected");
        }
    }

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

    private static string CallsOf(string fault) => fault.Split(':')[0];

    private static string[] Injection(string fault) => ["-e", $"inject={fault}"];
}
