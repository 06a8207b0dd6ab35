using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.HandOver;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>
/// A program that cannot read the state of the one before it closes the connections in order with status 1012 and serves. Another program leaves the
/// state here.
/// </summary>
public sealed class UnreadableStateTests : IDisposable
{
    private const int Descriptor = 77;

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-state-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("damaged table")]
    [InlineData("damaged record")]
    [InlineData("newer version")]
    public async Task Connection_is_closed_with_1012_and_the_server_serves(string how)
    {
        string state = Path.Combine(_directory, "state");
        await File.WriteAllBytesAsync(state, StateOf(how));
        int port = FreePort.Next();
        string[] command =
        [
            .. RepositoryPaths.ServerCommand(),
            .. GatewayProcess.Options([$"--FastGate:Devices:Listen=127.0.0.1:{port}"]),
        ];
        using Process process = ExternalProgram.Start(
            ExternalProgram.Python,
            [
                Path.Combine(RepositoryPaths.Clients, "inherit_state.py"),
                port.ToString(CultureInfo.InvariantCulture), state, Descriptor.ToString(CultureInfo.InvariantCulture), .. command,
            ],
            _directory);
        try
        {
            Assert.Equal("listening", await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Program));
            using RawConnection connection = await RawConnection.OpenAsync(port);

            RawFrame? close = await connection.ReadFrameAsync();

            Assert.Equal(1012, close?.CloseStatus);
            await connection.SendAsync(ClientFrame.Close(1012));
            Assert.Empty(await connection.ReadToEndAsync());
            await Eventually.TrueAsync(() => CanConnectAsync(port), Deadline.Program);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> CanConnectAsync(int port)
    {
        try
        {
            using RawConnection connection = await RawConnection.OpenDeviceAsync(port, "new-client");
            return true;
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or EndOfStreamException)
        {
            return false;
        }
    }

    private static byte[] StateOf(string how)
    {
        using MemoryStream output = new();
        StateWriter.Write(output, new GatewayState
        {
            QuietAtUnixMs = 1,
            Connections = [new ConnectionState { Descriptor = Descriptor, Phase = 3, DeviceId = "device", Session = new SessionState { SessionId = Guid.NewGuid() } }],
        });
        byte[] whole = output.ToArray();
        switch (how)
        {
            case "garbage": return [.. Enumerable.Range(0, 5_000).Select(static number => (byte)number)];
            case "empty": return [];
            case "cut": return whole[..^1];
            case "damaged table":
                whole[^1] ^= 1;
                return whole;
            case "damaged record":
                whole[StateFormat.HeaderSize] ^= 1;
                return whole;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(8), StateFormat.Version + 1);
                BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(36), StateFormat.Checksum(whole.AsSpan(0, 36)));
                return whole;
        }
    }
}
