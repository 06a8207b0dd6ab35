using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>An installed server program, such as nginx, that a test starts with a configuration of <c>deploy/</c>. A program that is missing fails the test by its name.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ForeignServer(Process process) => _process = process;

    public static async Task<ForeignServer> StartAsync(string program, int port, string directory, params string[] arguments)
    {
        // Debian's folder of servers is not in the path of every user.
        string system = Path.Combine("/usr/sbin", program);
        var server = new ForeignServer(ExternalProgram.Start(File.Exists(system) ? system : program, arguments, directory));
        server._process.OutputDataReceived += (_, line) => server.Note(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server._process.StandardInput.Close();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            await Eventually.TrueAsync(() => server.IsListeningAsync(port), Deadline.Program);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
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

    private async Task<bool> IsListeningAsync(int port)
    {
        if (_process.HasExited)
        {
            lock (_output)
            {
                throw new InvalidOperationException($"{_process.StartInfo.FileName} exited with {_process.ExitCode}:\n{_output}");
            }
        }

        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
