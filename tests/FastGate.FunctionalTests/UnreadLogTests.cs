using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>A log whose reader has stopped reading: a stuck container log driver, a terminal in scroll lock.</summary>
public sealed class UnreadLogTests
{
    /// <summary>More warnings than the pipe and the console's queue take together.</summary>
    private const int Strangers = 4_000;

    [Fact]
    public async Task Lines_are_lost_and_no_device_waits_for_them()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-test-").FullName;
        int port = FreePort.Next();
        ProcessStartInfo start = new(GatewayProcess.DotnetHost, GatewayProcess.CommandLine(
            string.Create(CultureInfo.InvariantCulture, $"--FastGate:Devices:Listen=127.0.0.1:{port}")))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        using Process server = Process.Start(start)!;
        try
        {
            await Eventually.TrueAsync(() => IsListeningAsync(port), Deadline.Program);
            string withoutId = DeviceTexts.Esp32Request("").Replace("Client-Id", "X-Model", StringComparison.Ordinal);
            for (int i = 0; i < Strangers; i++)
            {
                // Without an id: one warning each.
                using RawConnection stranger = await RawConnection.OpenAsync(port);
                await stranger.SendAsync(withoutId);
                Assert.Equal(101, (await stranger.ReadReplyAsync()).Status);
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
