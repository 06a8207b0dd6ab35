using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace FastGate.Testing.Cluster;

/// <summary>A redis-server without persistence on a port of its own. It can be killed, started again without data, and stopped for a while.</summary>
public sealed partial class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private const int SigStop = 19;
    private const int SigContinue = 18;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-redis-").FullName;
    private Process? _process;

    private RedisServer()
    {
    }

    /// <summary>Why no server can be started; null when one can.</summary>
    public static string? MissingReason { get; } = Find() is null ? "redis-server is missing: apt-get install redis-server" : null;

    public int Port { get; private set; }

    /// <summary>What the program has used of a processor.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The value of <c>Cluster:Redis</c>.</summary>
    public string Options => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        for (int attempt = 1; ; attempt++)
        {
            server.Port = FreePort();
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (IOException) when (attempt < 5)
            {
                // Another process has taken the port.
            }
        }
    }

    /// <summary>Starts the program on the same port, without data.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new(
            Find()!,
            [
                "--port", Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--dir", _directory, "--daemonize", "no", "--maxmemory-policy", "noeviction",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        for (long began = Stopwatch.GetTimestamp(); !await AnswersAsync();)
        {
            if (process.HasExited)
            {
                throw new IOException($"redis-server exited with {process.ExitCode}.");
            }

            if (Stopwatch.GetElapsedTime(began) > s_limit)
            {
                throw new TimeoutException("redis-server does not answer.");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Ends the program by SIGKILL; what it held is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(s_limit);
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>The program hangs until <see cref="Continue"/>: connections stay open and get no answer.</summary>
    public void Stop() => Signal(SigStop);

    public void Continue() => Signal(SigContinue);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A port that no process listens at.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/bin")
        .Select(static folder => Path.Combine(folder, Program))
        .FirstOrDefault(File.Exists);

    /// <summary>Sends a command of words without spaces and returns the first line of the answer.</summary>
    public async Task<string?> CommandAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync().WaitAsync(s_limit);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await CommandAsync("PING") == "+PONG";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private void Signal(int signal)
    {
        if (kill(_process!.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
