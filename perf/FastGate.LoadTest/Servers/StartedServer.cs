using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using FastGate.LoadTest.Linux;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Servers;

/// <summary>
/// The server of this repository as a separate process with free loopback ports and a temporary folder. Dispose stops it.
/// </summary>
internal sealed class StartedServer : IDisposable
{
    private const int MostLines = 1000;

    private readonly ConcurrentQueue<string> _log = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-load-server-").FullName;
    private readonly Process _process;
    private TextWriter? _file;
    private readonly IReadOnlyCollection<int>? _processors;

    private StartedServer(string program, IEnumerable<string> options, IReadOnlyCollection<int>? processors)
    {
        _processors = processors;
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        bool isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        string[] listeners = ["Devices", "Http", "Admin"];
        IEnumerable<string> arguments = listeners.Select(listener => $"--FastGate:{listener}:Listen=127.0.0.1:0").Concat(options.Select(option => "--" + option));
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(isAssembly ? host : program, isAssembly ? [program, .. arguments] : arguments)
            {
                WorkingDirectory = _directory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
    }

    public int ProcessId => _process.Id;

    public int AdminPort { get; private set; }

    /// <summary>Its device listener.</summary>
    public IPEndPoint Target { get; private set; } = new(IPAddress.Loopback, 0);

    internal string WorkingDirectory => _directory;

    /// <param name="options">Options of the server's command line, without the leading dashes.</param>
    /// <param name="processors">Its processors; null = those of this process.</param>
    /// <param name="stop">Cancels the wait for the start.</param>
    /// <param name="program">An assembly or an executable; null = the server that was built with this program.</param>
    /// <param name="log">Receives the lines after the start; null = no file.</param>
    /// <exception cref="LoadFailedException">The server is not built or does not start.</exception>
    public static StartedServer Start(IEnumerable<string> options, IReadOnlyCollection<int>? processors, CancellationToken stop, string? program = null, string? log = null)
    {
        var server = new StartedServer(program is null ? FindAssembly() : Path.GetFullPath(program), options, processors) { _file = log is null ? null : TextWriter.Synchronized(new StreamWriter(log)) };
        try
        {
            (int devices, server.AdminPort) = ServerStart.ReadPorts(server._process, server.StartProcess, server.Keep, stop);
            server.Target = new IPEndPoint(IPAddress.Loopback, devices);
            return server;
        }
        catch (Exception exception)
        {
            server.Dispose();
            throw exception is System.ComponentModel.Win32Exception ? new LoadFailedException($"The server does not start: {exception.Message}") : exception;
        }
    }

    /// <summary>The last lines that the server has logged since its start or the last call.</summary>
    public IReadOnlyList<string> TakeLog()
    {
        List<string> lines = [];
        while (_log.TryDequeue(out string? line))
        {
            lines.Add(line);
        }

        return lines;
    }

    private void Keep(string line)
    {
        _file?.WriteLine(line);
        _log.Enqueue(line);
        if (_log.Count > MostLines)
        {
            _log.TryDequeue(out _);
        }
    }

    /// <summary>The server that was built with this program, in the same configuration.</summary>
    internal static string FindAssembly(string? from = null)
    {
        string own = from ?? AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        DirectoryInfo? root = new(own);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "FastGate.sln")))
        {
            root = root.Parent;
        }

        string configuration = Directory.GetParent(own)?.Name ?? "Release";
        string assembly = Path.Combine(root?.FullName ?? own, "src", "FastGate", "bin", configuration, Path.GetFileName(own), "FastGate.dll");
        return File.Exists(assembly) ? assembly
            : throw new LoadFailedException($"There is no server at {assembly}. Build it: dotnet build -c {configuration} src/FastGate");
    }

    private void StartProcess()
    {
        if (_processors is null)
        {
            _process.Start();
        }
        else
        {
            // The new process inherits the processors of the thread that starts it.
            Processors.Run(_processors, AllowedProcessors.Of(Environment.ProcessId), () => _process.Start());
        }
    }

    public void Dispose()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It did not start or has ended already.
        }

        _process.Dispose();
        _file?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
