using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>Tokens of the command line: both roles, the sources of a token, and tokens of devices.</summary>
public sealed class RoleTests
{
    private const string Operate = "operate-token-1";
    private const string View = "view-token-1";

    [Fact]
    public async Task Token_decides_what_a_command_may_do()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Admin:Token={Operate}", $"--FastGate:Admin:ViewToken={View}");
        string viewFile = await WriteAsync(gateway, "view-token", View);
        string operateFile = await WriteAsync(gateway, "operate-token", Operate);

        Assert.Equal((4, ""), await CodeAsync(gateway, "status"));
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "status", "--token-file", viewFile)).ExitCode);
        Assert.Equal((4, ""), await CodeAsync(gateway, "reload", "--token-file", viewFile));
        Assert.Equal(0, (await ServerCommand.RunAsync(gateway, "reload", "--token-file", operateFile)).ExitCode);

        ServerCommand warned = await ServerCommand.RunAsync(gateway, "status", $"--FastGate:Admin:Token={Operate}");
        Assert.Equal(0, warned.ExitCode);
        Assert.StartsWith("Warning: other users", warned.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Operate, warned.Output + warned.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_without_a_server_is_exit_code_3()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-cli-").FullName;
        ServerCommand command = await ServerCommand.RunAsync(directory, "status", $"--FastGate:Admin:Listen=127.0.0.1:{FreePort.Next()}");
        Directory.Delete(directory, recursive: true);
        Assert.Equal((3, ""), (command.ExitCode, command.Output));
        Assert.StartsWith("No answer from http://127.0.0.1:", command.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Made_token_opens_the_handshake_of_its_device_only()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=signing-key-1");
        string keyFile = await WriteAsync(gateway, "key", "signing-key-1");
        ServerCommand made = await ServerCommand.RunAsync(gateway, "token", "make", "AA:BB:CC:00:00:01", "--client-id", "7a1c0f7e-3b52-4c1f-9d0e-5f2b8a6c4d10", "--key-file", keyFile);
        Assert.Equal((0, ""), (made.ExitCode, made.Errors));

        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "aa:bb:cc:00:00:01", made.Output.Trim());
        await device.HelloAsync();
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => DeviceClient.ConnectAsync(gateway, "aa:bb:cc:00:00:02", made.Output.Trim()));
    }

    private static async Task<(int ExitCode, string Output)> CodeAsync(GatewayProcess gateway, params string[] words)
    {
        ServerCommand command = await ServerCommand.RunAsync(gateway, words);
        return (command.ExitCode, command.Output);
    }

    private static async Task<string> WriteAsync(GatewayProcess gateway, string name, string content)
    {
        string path = Path.Combine(gateway.WorkingDirectory, name);
        await File.WriteAllTextAsync(path, content + "\n");
        return path;
    }
}
