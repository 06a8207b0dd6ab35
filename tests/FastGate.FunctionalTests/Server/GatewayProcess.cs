using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastGate.FunctionalTests.Server;

/// <summary>
/// A server process with its own working directory. Tests use only its command line, its output and its ports.
/// </summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _ownsWorkingDirectory;
    private int _devicePort;
    private int _httpPort;
    private int _adminPort;

    private GatewayProcess(Process process, string workingDirectory, bool ownsWorkingDirectory)
    {
        _process = process;
        WorkingDirectory = workingDirectory;
        _ownsWorkingDirectory = ownsWorkingDirectory;
    }

    public string WorkingDirectory { get; }

    public int ProcessId => _process.Id;

    public int DevicePort => Volatile.Read(ref _devicePort);

    public int HttpPort => Volatile.Read(ref _httpPort);

    public int AdminPort => Volatile.Read(ref _adminPort);

    public string DatabasePath => Path.Combine(WorkingDirectory, "data", "fastgate.db");

    /// <summary>Everything written to both streams.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public bool HasExited => _process.HasExited;

    public static Task<GatewayProcess> StartAsync(params string[] arguments) => StartAsync(arguments, workingDirectory: null);

    /// <summary>Starts a server and waits until it is ready. A given working directory is kept for the next start.</summary>
    public static Task<GatewayProcess> StartAsync(string[] arguments, string? workingDirectory) => ReadyAsync(Launch(arguments, workingDirectory));

    /// <summary>Waits until the server is ready; ends the process when it does not become ready.</summary>
    public static async Task<GatewayProcess> ReadyAsync(GatewayProcess gateway)
    {
        try
        {
            await gateway.WaitUntilReadyAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts without waiting. For starts that are expected to fail, need a limit or variable set by <paramref name="shell"/>, or run a copy of
    /// the server, or a link to the program.
    /// </summary>
    public static GatewayProcess Launch(string[] arguments, string? workingDirectory = null, string? shell = null, string? copy = null, string? link = null)
    {
        string directory = workingDirectory ?? Directory.CreateTempSubdirectory("fastgate-test-").FullName;
        string[] command = [.. RepositoryPaths.ServerCommand(copy, link), .. Options(arguments)];
        if (shell is not null)
        {
            // The shell runs the command and replaces itself by the server, which keeps the process id.
            command = ["/bin/sh", "-c", $"{shell} && exec \"$@\"", "sh", .. command];
        }

        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        Process process = new() { StartInfo = start };
        GatewayProcess gateway = new(process, directory, ownsWorkingDirectory: workingDirectory is null);
        process.OutputDataReceived += (_, line) => gateway.OnLine(line.Data);
        process.ErrorDataReceived += (_, line) => gateway.OnLine(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return gateway;
    }

    /// <summary>The server's command, loopback listeners on free ports unless given, and the caller's arguments.</summary>
    public static IReadOnlyList<string> CommandLine(params string[] arguments) => [.. RepositoryPaths.ServerCommand(), .. Options(arguments)];

    public static List<string> Options(string[] arguments)
    {
        List<string> line = [];
        foreach (string listener in (string[])["Devices", "Http", "Admin"])
        {
            if (!arguments.Any(argument => argument.StartsWith($"--FastGate:{listener}:Listen=", StringComparison.Ordinal)))
            {
                line.Add($"--FastGate:{listener}:Listen=127.0.0.1:0");
            }
        }

        // The suite runs on the transport that the environment names.
        if (Environment.GetEnvironmentVariable("FASTGATE_TRANSPORT") is { Length: > 0 } transport)
        {
            line.Add($"--FastGate:Devices:Transport={transport}");
        }

        line.AddRange(arguments);
        return line;
    }

    public async Task WaitUntilReadyAsync()
    {
        Task ended = _process.WaitForExitAsync();
        Task first = await Task.WhenAny(_listening.Task, ended).WaitAsync(Deadline.Program);
        if (first == ended)
        {
            throw new InvalidOperationException($"The server exited with {_process.ExitCode} before its listeners were open:\n{Log}");
        }

        using HttpClient http = new();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using HttpResponseMessage reply = await http.GetAsync(HttpUri("/health/ready"));
                return reply.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    public Uri DeviceUri(string pathAndQuery = "/xiaozhi/v1/") => new($"ws://127.0.0.1:{DevicePort}{pathAndQuery}");

    public Uri HttpUri(string pathAndQuery) => new($"http://127.0.0.1:{HttpPort}{pathAndQuery}");

    public Uri AdminUri(string pathAndQuery) => new($"http://127.0.0.1:{AdminPort}{pathAndQuery}");

    public void Signal(int signal) => PosixProcess.Signal(ProcessId, signal);

    public async Task<int> WaitForExitAsync(TimeSpan? deadline = null)
    {
        await _process.WaitForExitAsync().WaitAsync(deadline ?? Deadline.Hang);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, as <c>docker stop</c> does, and waits for the exit.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal(PosixProcess.SigTerm);
        int status = await WaitForExitAsync();

        // 128 and the number of the signal: a crash, whose cause is in the log.
        return status > 128 ? throw new InvalidOperationException($"The server ended with status {status}:\n{Log}") : status;
    }

    public async Task KillAsync()
    {
        Signal(PosixProcess.SigKill);
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (_ownsWorkingDirectory)
        {
            Directory.Delete(WorkingDirectory, recursive: true);
        }
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        NotePort(DeviceAddress().Match(line), ref _devicePort);
        NotePort(HttpAddress().Match(line), ref _httpPort);
        NotePort(AdminAddress().Match(line), ref _adminPort);
        if (DevicePort != 0 && HttpPort != 0 && AdminPort != 0)
        {
            _listening.TrySetResult();
        }
    }

    private static void NotePort(Match match, ref int port)
    {
        if (match.Success)
        {
            Volatile.Write(ref port, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"\bdevices:\s+wss?://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex DeviceAddress();

    [GeneratedRegex(@"\bhttp:\s+https?://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex HttpAddress();

    [GeneratedRegex(@"\badmin:\s+http://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex AdminAddress();
}
