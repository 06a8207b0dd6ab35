using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>A console that is not read: a stuck container log driver, a terminal in scroll lock.</summary>
public sealed class UnreadLogTests
{
    /// <summary>Their debug lines, which are not rate-limited, are more than fit into the pipe and the logger's queue.</summary>
    private const int Clients = 2_000;

    [Fact]
    public async Task Unread_console_does_not_block_devices()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-test-").FullName;
        int port = FreePort.Next();
        IReadOnlyList<string> command = GatewayProcess.CommandLine(
            string.Create(CultureInfo.InvariantCulture, $"--FastGate:Devices:Listen=127.0.0.1:{port}"), "--Logging:LogLevel:Default=Debug");
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using Process server = Process.Start(start)!;
        try
        {
            await Eventually.TrueAsync(() => IsListeningAsync(port), Deadline.Program);
            string withoutId = DeviceTexts.Esp32Request("").Replace("Client-Id", "X-Model", StringComparison.Ordinal);
            for (int i = 0; i < Clients; i++)
            {
                // Each connection is logged at its registration and at its end.
                using RawConnection client = await RawConnection.OpenAsync(port);
                await client.SendAsync(withoutId);
                Assert.Equal(101, (await client.ReadReplyAsync()).Status);
            }

            using RawConnection device = await RawConnection.OpenDeviceAsync(port, "late");
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        try
        {
            using RawConnection probe = await RawConnection.OpenAsync(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
