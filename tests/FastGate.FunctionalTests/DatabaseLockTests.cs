using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>One server for each database.</summary>
public sealed class DatabaseLockTests
{
    [Fact]
    public async Task Second_server_is_refused_with_the_process_of_the_first()
    {
        await using GatewayProcess first = await GatewayProcess.StartAsync();
        await using var second = GatewayProcess.Launch([], first.WorkingDirectory);

        Assert.Equal(1, await second.WaitForExitAsync(Deadline.Program));
        Assert.Contains($"{first.DatabasePath} is in use by another server (process {first.ProcessId} on {Environment.MachineName}, started ", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Log, StringComparison.Ordinal);
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task Server_that_was_killed_leaves_the_database_free()
    {
        await using GatewayProcess first = await GatewayProcess.StartAsync();
        await first.KillAsync();

        await using GatewayProcess second = await GatewayProcess.StartAsync([], first.WorkingDirectory);
        Assert.DoesNotContain("Cannot lock", second.Log, StringComparison.Ordinal);
    }

    /// <summary>No user may create a file in this folder, not even root.</summary>
    [Fact]
    public async Task Read_only_folder_at_the_start_is_named_and_conversations_go_without_memory()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Memory:Path=/sys/fastgate.db");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway.DeviceUri());

        JsonObject hello = await device.HelloAsync();
        Transcript.AssertTurn([hello, .. await device.SayAsync("hello")], "hello");

        // The second reason is that of a container, where the whole file system is read-only.
        Assert.Matches("Cannot lock /sys/fastgate\\.db: (Access to the path|Read-only file system).*'/sys/fastgate\\.db\\.lock'", gateway.Log);
        Assert.DoesNotContain("   at ", gateway.Log, StringComparison.Ordinal);
        Assert.False(gateway.HasExited);
    }

    [Fact]
    public async Task Servers_without_memory_share_a_directory()
    {
        await using GatewayProcess first = await GatewayProcess.StartAsync("--FastGate:Memory:Provider=none");
        await using GatewayProcess second = await GatewayProcess.StartAsync(["--FastGate:Memory:Provider=none"], first.WorkingDirectory);
        Assert.False(first.HasExited);
    }
}
