using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>Every way to ask for a restart in place leads to the same one.</summary>
public sealed class RestartEntranceTests
{
    private const string Secret = "secret-of-the-console";
    private const string Token = "token-of-the-admin";
    private const int User2 = 12;

    [Fact]
    public async Task Message_restarts_the_server()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Management:Secret={Secret}");
        await using DeviceClient device = await ConnectAsync(gateway);
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");

        await console.SendAsync(DeviceTexts.Restart(Secret));

        Assert.Equal("success", (string?)(await console.ReceiveAsync())["status"]);
        await AssertRestartedAsync(gateway, device, 1);
        await console.PingAsync();
    }

    [Fact]
    public async Task Signal_restarts_the_server_once_when_it_is_sent_twice()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await ConnectAsync(gateway);

        gateway.Signal(User2);
        while (!gateway.Log.Contains("Restarted in place", StringComparison.Ordinal))
        {
            // The signal joins the restart, is ignored between the two programs, or begins another restart; it never ends the process.
            Assert.False(gateway.HasExited, gateway.Log);
            gateway.Signal(User2);
            await Task.Yield();
        }

        await AssertRestartedAsync(gateway, device, 1);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>
    /// Some shells and supervisors start a program with SIGCHLD ignored: the kernel then keeps no status of a child. The rehearsal of the new program is a child of
    /// the server, before a restart and in the restarted program.
    /// </summary>
    [Fact]
    public async Task Server_that_was_started_with_ignored_child_signals_restarts_again_and_again()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch([], shell: "trap '' CHLD"));
        await using DeviceClient device = await ConnectAsync(gateway);

        for (int restarts = 1; restarts <= 2; restarts++)
        {
            await RestartRequest.RunAsync(gateway);
            await AssertRestartedAsync(gateway, device, restarts);
        }

        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Command_restarts_the_server_with_the_token_of_the_configuration()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Admin:Token={Token}");
        await using DeviceClient device = await ConnectAsync(gateway);

        (int status, string output, string error) = await CommandAsync(gateway, $"--FastGate:Admin:Token={Token}");

        Assert.True(status == 0, error + gateway.Log);
        Assert.StartsWith("restarted: 1 connections kept, 0 closed, ", output, StringComparison.Ordinal);
        await device.PingAsync();
        (status, _, error) = await CommandAsync(gateway, "--FastGate:Admin:Token=wrong");
        Assert.Equal(4, status);
        Assert.Contains("token", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_without_a_server_fails()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-restart-").FullName;
        try
        {
            (int status, _, string error) = await CommandAsync(directory, $"--FastGate:Admin:Listen=127.0.0.1:{FreePort.Next()}");

            Assert.Equal(3, status);
            Assert.NotEmpty(error);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Api_needs_the_token_and_a_page_of_another_site_may_not_ask()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Admin:Token={Token}");
        using HttpClient http = new() { Timeout = Deadline.Program };
        using (HttpResponseMessage refused = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        await using GatewayProcess open = await GatewayProcess.StartAsync();
        using HttpRequestMessage foreign = new(HttpMethod.Post, open.AdminUri("/api/v1/restart"));
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage answer = await http.SendAsync(foreign);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(0, (int)(await RestartRequest.ReportAsync(open))["restarts"]!);
    }

    private static async Task<DeviceClient> ConnectAsync(GatewayProcess gateway)
    {
        DeviceClient device = await DeviceClient.ConnectAsync(gateway, "device");
        await device.HelloAsync();
        return device;
    }

    private static async Task AssertRestartedAsync(GatewayProcess gateway, DeviceClient device, int restarts)
    {
        JsonNode report = await RestartRequest.FinishedAsync(gateway, restarts);
        Assert.Equal(0, (int)report["last"]!["closed"]!);
        await device.PingAsync();
        using AdminClient admin = new(gateway);
        JsonObject found = (await admin.DevicesAsync()).Single(static device => (string?)device["deviceId"] == "device");
        Assert.Equal(device.SessionId, (string?)found["sessionId"]);
        Assert.False(gateway.HasExited);
    }

    private static Task<(int Status, string Output, string Error)> CommandAsync(GatewayProcess gateway, params string[] settings) =>
        CommandAsync(gateway.WorkingDirectory, settings);

    private static async Task<(int Status, string Output, string Error)> CommandAsync(string directory, params string[] settings)
    {
        string[] command = [.. RepositoryPaths.ServerCommand(), "restart", .. settings];
        using Process process = ExternalProgram.Start(command[0], command.Skip(1), directory);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline.Program);
        return (process.ExitCode, await output, await error);
    }
}
