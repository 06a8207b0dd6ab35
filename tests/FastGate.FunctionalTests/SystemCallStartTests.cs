using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Each system call that opens the loops and their listener fails: the server says why and ends with status 1.</summary>
public sealed partial class SystemCallStartTests
{
    /// <summary>
    /// The call, the start of its line in the trace of a start that succeeds ({0} is the listener's descriptor), which of such lines, the error, and the
    /// message. The server first probes the kernel by calls of its own.
    /// </summary>
    private static readonly (string Call, string Line, int Which, string Error, string Message)[] s_faults =
    [
        ("epoll_create1", "epoll_create1(", 1, "EPERM", "event loops cannot run here: errno 1"),
        ("eventfd2", "eventfd2(", 1, "ENOSYS", "event loops cannot run here: errno 38"),
        ("epoll_create1", "epoll_create1(", 2, "EMFILE", "epoll_create1: the process has no descriptor left"),
        ("eventfd2", "eventfd2(", 2, "ENFILE", "eventfd: the system has no descriptor left"),
        ("epoll_ctl", "epoll_ctl(", 1, "ENOMEM", "epoll_ctl: the kernel has no memory left"),
        ("epoll_ctl", "epoll_ctl(", 2, "ENOSPC", "epoll_ctl: errno 28"),
        ("socket", "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK", 2, "ENOBUFS", "devices at 127.0.0.1:0: socket: the kernel has no buffer left."),
        ("setsockopt", "setsockopt({0}, SOL_TCP, TCP_NODELAY", 1, "ENOMEM", "devices at 127.0.0.1:0: setsockopt: the kernel has no memory left."),
        ("bind", "bind({0}, ", 1, "EACCES", "devices at 127.0.0.1:0: bind 127.0.0.1:0: permission denied. Change FastGate:Devices:Listen."),
        ("bind", "bind({0}, ", 1, "EADDRNOTAVAIL", "bind 127.0.0.1:0: this machine has no such address. Change FastGate:Devices:Listen."),
        ("bind", "bind({0}, ", 1, "EADDRINUSE", "devices at 127.0.0.1:0: 127.0.0.1:0 is in use by another process. Change FastGate:Devices:Listen."),
        ("listen", "listen({0}, ", 1, "EADDRINUSE", "devices at 127.0.0.1:0: 127.0.0.1:0 is in use by another process. Change FastGate:Devices:Listen."),
        ("getsockname", "getsockname({0}, ", 1, "ENOBUFS", "devices at 127.0.0.1:0: getsockname failed."),
    ];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_system_call_of_the_start_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-trace-").FullName;
        try
        {
            string[] calls = await RecordAsync(Path.Combine(folder, "whole"));
            Match listen = calls.Select(static line => DeviceListen().Match(line)).Single(static match => match.Success);
            int listener = int.Parse(listen.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            foreach ((string call, string format, int which, string error, string message) in s_faults)
            {
                string line = string.Format(CultureInfo.InvariantCulture, format, listener);
                int place = PlaceOf(calls, call, line, which);
                string file = Path.Combine(folder, $"{call}-{error}-{which}");
                string fault = string.Create(CultureInfo.InvariantCulture, $"inject={call}:error={error}:when={place}");
                await using GatewayProcess gateway = Launch(file, call, fault);
                Assert.True(await gateway.WaitForExitAsync(Deadline.Program) == 1, $"{call} {error}: {gateway.Log}");
                await Eventually.TrueAsync(() => LinesOf(file, gateway).Any(static line => line.Contains("(INJECTED)", StringComparison.Ordinal)));
                Assert.Contains(message, gateway.Log, StringComparison.Ordinal);

                // A message for the operator, without a stack trace.
                Assert.DoesNotContain("   at ", gateway.Log, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The calls of the main thread in a start that succeeds.</summary>
    private static async Task<string[]> RecordAsync(string file)
    {
        await using GatewayProcess gateway = Launch(file, string.Join(',', s_faults.Select(static fault => fault.Call).Distinct()), fault: null);
        await gateway.WaitUntilReadyAsync();
        Assert.Equal(0, await gateway.TerminateAsync());
        return [.. LinesOf(file, gateway)];
    }

    private static GatewayProcess Launch(string file, string calls, string? fault)
    {
        // strace as a grandchild: the server keeps the process id and its own exit status. The runtime's diagnostics would open a socket first.
        string inject = fault is null ? "" : $"-e {fault}";
        return GatewayProcess.Launch(
            ["--FastGate:Devices:EventLoops=1", "--FastGate:Devices:Transport=EventLoop"],
            shell: $"export DOTNET_EnableDiagnostics=0 && set -- strace -D -ff --seccomp-bpf -o {file} -e signal=none -e trace={calls} {inject} \"$@\"");
    }

    private static IEnumerable<string> LinesOf(string file, GatewayProcess gateway) =>
        File.ReadLines($"{file}.{gateway.ProcessId.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The number of the call among all calls of the same name.</summary>
    private static int PlaceOf(string[] lines, string call, string start, int which)
    {
        string[] calls = [.. lines.Where(line => line.StartsWith($"{call}(", StringComparison.Ordinal))];
        int[] places = [.. Enumerable.Range(0, calls.Length).Where(at => calls[at].StartsWith(start, StringComparison.Ordinal))];
        Assert.True(places.Length >= which, $"the start has no such call: {start}\n{string.Join('\n', lines)}");
        return places[which - 1] + 1;
    }

    /// <summary>The other listeners have another backlog.</summary>
    [GeneratedRegex(@"^listen\((\d+), 4096\)")]
    private static partial Regex DeviceListen();
}
