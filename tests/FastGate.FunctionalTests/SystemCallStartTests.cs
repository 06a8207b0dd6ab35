using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Each system call that opens the loops and their listener fails: the server says why and ends with status 1.</summary>
public sealed class SystemCallStartTests
{
    /// <summary>Starts that may strike another call: the pool decides which thread continues the start, and strace counts the calls of each thread.</summary>
    private const int MostStarts = 10;

    /// <summary>
    /// The call, what its line in a trace contains ({0} is the descriptor of the device listener), which of such lines, the error, and the message of the
    /// server, which first probes the kernel by calls of its own.
    /// </summary>
    private static readonly (string Call, string Line, int Which, string Error, string Message)[] s_faults =
    [
        ("epoll_create1", "", 1, "EPERM", "event loops cannot run here: errno 1"),
        ("eventfd2", "", 1, "ENOSYS", "event loops cannot run here: errno 38"),
        ("epoll_create1", "", 2, "EMFILE", "epoll_create1: the process has no descriptor left"),
        ("eventfd2", "", 2, "ENFILE", "eventfd: the system has no descriptor left"),
        ("epoll_ctl", "{events=EPOLLIN|EPOLLET, data={u32=0,", 1, "ENOMEM", "epoll_ctl: the kernel has no memory left"),
        ("epoll_ctl", "{events=EPOLLIN|EPOLLET, data={u32=1,", 1, "ENOSPC", "epoll_ctl: errno 28"),
        ("socket", "SOCK_NONBLOCK", 2, "ENOBUFS", "devices at 127.0.0.1:0: socket: the kernel has no buffer left."),
        ("setsockopt", "({0}, SOL_TCP, TCP_NODELAY", 1, "ENOMEM", "devices at 127.0.0.1:0: setsockopt: the kernel has no memory left."),
        ("bind", "({0}, ", 1, "EACCES", "devices at 127.0.0.1:0: bind 127.0.0.1:0: permission denied. Change FastGate:Devices:Listen."),
        ("bind", "({0}, ", 1, "EADDRNOTAVAIL", "bind 127.0.0.1:0: this machine has no such address. Change FastGate:Devices:Listen."),
        ("bind", "({0}, ", 1, "EADDRINUSE", "devices at 127.0.0.1:0: 127.0.0.1:0 is in use by another process. Change FastGate:Devices:Listen."),
        ("listen", "({0}, ", 1, "EADDRINUSE", "devices at 127.0.0.1:0: 127.0.0.1:0 is in use by another process. Change FastGate:Devices:Listen."),
        ("getsockname", "({0}, ", 1, "ENOBUFS", "devices at 127.0.0.1:0: getsockname failed."),
    ];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_system_call_of_the_start_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-trace-").FullName;
        try
        {
            string[] whole = await RecordAsync(folder);
            foreach ((string call, string line, int which, string error, string message) in s_faults)
            {
                string fault = string.Create(CultureInfo.InvariantCulture, $"{call}:error={error}:when={Find(whole, call, line, which).Place}");
                string log = await StrikeAsync(folder, fault, lines => IsInjected(Find(lines, call, line, which).Line));
                Assert.Contains(message, log, StringComparison.Ordinal);

                // A message for the operator, without a stack trace.
                Assert.DoesNotContain("Unhandled exception", log, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The calls of the main thread, when it makes all of them.</summary>
    private static async Task<string[]> RecordAsync(string folder)
    {
        for (int start = 0; start < MostStarts; start++)
        {
            string trace = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"whole-{start}"));
            await using GatewayProcess gateway = Launch(trace, fault: null);
            await gateway.WaitUntilReadyAsync();
            Assert.Equal(0, await gateway.TerminateAsync());
            string[] lines = MainThread(trace, gateway);
            if (s_faults.All(fault => Find(lines, fault.Call, fault.Line, fault.Which).Place > 0))
            {
                return lines;
            }
        }

        throw new InvalidOperationException("The main thread does not make the calls.");
    }

    /// <summary>Starts until the call is struck. Returns the log of that server, which has ended with status 1.</summary>
    private static async Task<string> StrikeAsync(string folder, string fault, Func<string[], bool> isStruck)
    {
        for (int start = 0; start < MostStarts; start++)
        {
            string trace = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{fault.Replace(':', '-')}-{start}"));
            await using GatewayProcess gateway = Launch(trace, fault);
            await Eventually.TrueAsync(() => gateway.HasExited || gateway.Log.Contains("is up after", StringComparison.Ordinal), Deadline.Program);
            if (!gateway.HasExited)
            {
                continue;
            }

            // strace writes its last lines after the server has ended.
            int status = await gateway.WaitForExitAsync();
            await Eventually.TrueAsync(() => HasInjected(trace), Deadline.Program, $"{fault} is injected");
            if (isStruck(MainThread(trace, gateway)))
            {
                Assert.Equal(1, status);
                return gateway.Log;
            }
        }

        throw new InvalidOperationException($"{fault} has struck other calls only, or did not end the server.");
    }

    private static GatewayProcess Launch(string trace, string? fault)
    {
        // strace as a grandchild: the server keeps the process id and its own exit status.
        string calls = string.Join(',', s_faults.Select(static fault => fault.Call).Distinct());
        string inject = fault is null ? "" : $"-e inject={fault}";
        return GatewayProcess.Launch(
            ["--FastGate:Devices:EventLoops=1", "--FastGate:Devices:Transport=EventLoop"],
            shell: $"set -- strace -D -ff --seccomp-bpf -o {trace} -e signal=none -e trace={calls} {inject} \"$@\"");
    }

    private static string[] MainThread(string trace, GatewayProcess gateway) =>
        File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"{trace}.{gateway.ProcessId}"));

    private static bool HasInjected(string trace) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(trace)!, $"{Path.GetFileName(trace)}.*").Any(static file => File.ReadLines(file).Any(IsInjected));

    private static bool IsInjected(string line) => line.Contains("(INJECTED)", StringComparison.Ordinal);

    /// <summary>Its place among the thread's calls of the same name, and its line; 0 when the thread does not make it.</summary>
    private static (int Place, string Line) Find(string[] lines, string call, string contains, int which)
    {
        string listener = "none";
        int place = 0;
        foreach (string line in lines)
        {
            place += line.StartsWith($"{call}(", StringComparison.Ordinal) ? 1 : 0;
            if (line.StartsWith("socket(", StringComparison.Ordinal))
            {
                // Only the loops open sockets that do not block. A number may be used again after the probe.
                string descriptor = line.Split("= ")[^1];
                listener = line.Contains("SOCK_NONBLOCK", StringComparison.Ordinal) ? descriptor : descriptor == listener ? "none" : listener;
            }

            bool isIt = line.StartsWith($"{call}(", StringComparison.Ordinal)
                && line.Contains(contains.Replace("{0}", listener, StringComparison.Ordinal), StringComparison.Ordinal);
            if (isIt && --which == 0)
            {
                return (place, line);
            }
        }

        return (0, "");
    }
}
