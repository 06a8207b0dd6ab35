using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastGate.Turns;

/// <summary>The server as a separate process with a temporary working directory.</summary>
internal sealed partial class GatewayUnderTest : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-turns-").FullName;
    private readonly Process _process;

    public GatewayUnderTest(string assembly, IEnumerable<string> options)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = _directory, RedirectStandardOutput = true };
        string[] listeners = ["--FastGate:Devices:Listen=127.0.0.1:0", "--FastGate:Http:Listen=127.0.0.1:0", "--FastGate:Admin:Listen=127.0.0.1:0"];
        foreach (string? argument in options.Concat(listeners).Prepend(Path.GetFullPath(assembly)))
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        var log = new StringBuilder();
        while (Port == 0 || AdminPort == 0)
        {
            string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The gateway did not start:\n{log}");
            log.AppendLine(line);
            Match listener = DeviceListener().Match(line);
            Port = listener.Success ? int.Parse(listener.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : Port;
            Match admin = AdminListener().Match(line);
            AdminPort = admin.Success ? int.Parse(admin.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : AdminPort;
        }

        // Read the log to its end, so that the server never waits for a reader.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public int Port { get; }

    public int AdminPort { get; }

    /// <summary>Processor time of all threads.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public int Threads => Directory.GetDirectories($"/proc/{_process.Id}/task").Length;

    /// <summary>Bytes allocated by managed code since the start.</summary>
    public async Task<double> AllocatedAsync()
    {
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{AdminPort}/metrics"));
        return double.Parse(Allocated().Match(metrics).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [GeneratedRegex(@"^dotnet_gc_allocated_bytes\S* (\S+)", RegexOptions.Multiline)]
    private static partial Regex Allocated();

    [GeneratedRegex(@"\badmin:\s+http://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex AdminListener();

    [GeneratedRegex(@"\bdevices:\s+ws://[^\s/]+:(\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex DeviceListener();
}
