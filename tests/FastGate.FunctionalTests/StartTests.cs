using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests;

/// <summary>Start: configuration errors, the healthcheck command, CPU time and memory.</summary>
public sealed partial class StartTests(ITestOutputHelper output)
{
    /// <summary>Of a published program, 727 with the event loops. See docs/decisions/0008-start-time.md.</summary>
    private const int MostCompiledMethods = 840;
    private const int MostReflectionStubs = 10;

    [Theory]
    [InlineData("--FastGate:Devices:Limits:Frame=-1", "Devices:Limits:Frame", "-1")]
    [InlineData("--FastGate:Devices:Limits:Frame=many", "Devices:Limits:Frame", "many")]
    [InlineData("--FastGate:Devices:Transport=Pigeon", "Devices:Transport", "Pigeon")]
    [InlineData("--FastGate:Devices:Timeouts:Idle=soon", "Devices:Timeouts:Idle", "soon")]
    [InlineData("--FastGate:Devices:Listen=nowhere", "Devices:Listen", "nowhere")]
    [InlineData("--FastGate:Memory:Provider=paper", "Memory:Provider", "paper")]
    public async Task Invalid_value_stops_the_start_and_is_named(string argument, string key, string value)
    {
        await using var gateway = GatewayProcess.Launch([argument]);
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains(key, gateway.Log, StringComparison.Ordinal);
        Assert.Contains(value, gateway.Log, StringComparison.Ordinal);
    }

    /// <summary>
    /// Compilation is most of a start's time, and the number of compiled methods does not depend on the machine. The server ends before they are counted,
    /// so that those of the end are among them. No method is compiled again when it is called often: the runtime's thread that does it may still write to the file
    /// when the end of the process closes it.
    /// </summary>
    [Fact]
    public async Task A_start_compiles_few_methods()
    {
        if (RepositoryPaths.IsNativeServer)
        {
            return;
        }

        string directory = Directory.CreateTempSubdirectory("fastgate-compiled-").FullName;
        try
        {
            string file = Path.Combine(directory, "methods");
            await using var gateway = GatewayProcess.Launch(
                [], directory, shell: $"export DOTNET_JitStdOutFile={file} DOTNET_JitDisasmSummary=1 DOTNET_TC_CallCounting=0");
            await Eventually.TrueAsync(() => gateway.Log.Contains("is up after", StringComparison.Ordinal));
            Assert.Equal(0, await gateway.TerminateAsync());
            string[] methods = [.. File.ReadLines(file)];
            int stubs = methods.Count(static line => line.Contains(":InvokeStub_", StringComparison.Ordinal));
            output.WriteLine($"{methods.Length} methods, {stubs} of them call by reflection");
            Assert.NotEmpty(methods);
            Assert.InRange(stubs, 0, MostReflectionStubs);
            if (IsCompiledInAdvance(RepositoryPaths.ServerAssembly))
            {
                Assert.InRange(methods.Length, 0, MostCompiledMethods);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static bool IsCompiledInAdvance(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    [Fact]
    public async Task Unparsable_file_stops_the_start_and_is_named()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-broken-").FullName;
        try
        {
            string file = Path.Combine(directory, "appsettings.json");
            await File.WriteAllTextAsync(file, "{\n  \"FastGate\": {\n");
            await using var gateway = GatewayProcess.Launch([], directory);
            Assert.Equal(1, await gateway.WaitForExitAsync());
            Assert.Contains(file, gateway.Log, StringComparison.Ordinal);
            Assert.Contains("line 3", gateway.Log, StringComparison.Ordinal);

            // A message for the operator, without a stack trace.
            Assert.DoesNotContain("   at ", gateway.Log, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Unknown_key_is_logged_with_the_nearest_known_key()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([], shell: "export FastGate__Devices__Timeouts__Idel=00:01:00 FASTGATE_ADMIN_TOKEN=secret-token"));
        await Eventually.TrueAsync(() => gateway.Log.Contains("Idel", StringComparison.Ordinal));
        Assert.Contains("Devices:Timeouts:Idle", gateway.Log, StringComparison.Ordinal);
        Assert.Contains("FASTGATE_ADMIN_TOKEN is not read; the nearest key is FastGate__Admin__Token", gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", gateway.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Devices")]
    [InlineData("Http")]
    [InlineData("Admin")]
    public async Task Port_in_use_is_named_with_the_key_to_change(string listener)
    {
        await using GatewayProcess first = await GatewayProcess.StartAsync();
        int port = listener switch { "Devices" => first.DevicePort, "Http" => first.HttpPort, _ => first.AdminPort };
        await using var second = GatewayProcess.Launch([$"--FastGate:{listener}:Listen=127.0.0.1:{port}"]);
        Assert.Equal(1, await second.WaitForExitAsync(Deadline.Program));
        Assert.Contains($"127.0.0.1:{port}", second.Log, StringComparison.Ordinal);
        Assert.Contains($"Change FastGate:{listener}:Listen.", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_server_stays_within_its_cpu_and_memory_budget()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();

        // The start must take less than two seconds. CPU time does not depend on other processes of a busy machine, and a start that waits for
        // nothing takes no longer than its CPU time.
        TimeSpan used = PosixProcess.ProcessorTime(gateway.ProcessId);
        output.WriteLine($"CPU time of the start: {used.TotalMilliseconds:F0} ms; elapsed time: {UpAfter().Match(gateway.Log).Value}");
        Assert.InRange(used, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(2));
        long resident = PosixProcess.ResidentBytes(gateway.ProcessId);
        output.WriteLine($"resident: {resident / 1024 / 1024} MB");
        Assert.InRange(resident, 1, 100L * 1024 * 1024);
    }

    [Fact]
    public async Task Healthcheck_command_reports_whether_the_server_runs()
    {
        int port = FreePort.Next();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Http:Listen=127.0.0.1:{port}");
        string[] command = [.. RepositoryPaths.ServerCommand(), "healthcheck", $"--FastGate:Http:Listen=127.0.0.1:{port}"];
        Assert.True(ExternalProgram.Succeeds(command[0], command[1..]));
        await gateway.TerminateAsync();
        Assert.False(ExternalProgram.Succeeds(command[0], command[1..]));
    }

    [Fact]
    public async Task Healthcheck_finds_the_server_without_its_arguments_or_a_valid_configuration()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-health-").FullName;
        string[] command = [.. RepositoryPaths.ServerCommand(), "healthcheck"];
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
            await File.WriteAllTextAsync(Path.Combine(directory, "appsettings.json"), """{"FastGate":{"Http":{"Listen":"nowhere"}}}""");
            await ExternalProgram.RunAsync(command[0], command.Skip(1), directory);

            await gateway.KillAsync();
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => ExternalProgram.RunAsync(command[0], command.Skip(1), directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("config.yaml", "manager-api:\n  secret: of-the-folder\n")]
    [InlineData("appsettings.json", """{"FastGate":{"Management":{"Secret":"of-the-folder"}}}""")]
    public async Task Configuration_is_read_from_the_folder_named_by_the_environment(string? name, string? content)
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-folder-").FullName;
        try
        {
            string folder = Path.Combine(directory, "config");
            if (name is not null)
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, name), content);
            }

            await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
                GatewayProcess.Launch([], directory, shell: "export FASTGATE_CONFIG_FOLDER=config"));
            await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
            await console.SendAsync("""{"type":"server","action":"update_config","content":{"secret":"of-the-folder"}}""");

            Assert.Equal(name is null ? "error" : "success", (string?)(await console.ReceiveAsync())["status"]);
            Assert.Equal(name == "config.yaml" ? 0 : 1, gateway.Log.Split("No config.yaml in").Length - 1);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Missing_config_file_stops_the_start()
    {
        await using var gateway = GatewayProcess.Launch(["--FastGate:Config=config/config.yaml"], shell: "export FASTGATE_CONFIG_FOLDER=config");
        Assert.NotEqual(0, await gateway.WaitForExitAsync());
        Assert.Contains("FastGate:Config", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echo_mode_echoes_every_data_message()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Echo=true");
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "echo");
        await device.SendAsync(ClientFrame.Text("no json, 回声"));
        await device.SendAsync(ClientFrame.Build(RawFrame.Binary, [0, 1, 2, 255]));
        await device.SendAsync(ClientFrame.Text(""));
        Assert.Equal("no json, 回声", (await device.ReadFrameAsync())?.PayloadText);
        Assert.Equal([0, 1, 2, 255], (await device.ReadFrameAsync())!.Payload);
        Assert.Empty((await device.ReadFrameAsync())!.Payload);
    }

    /// <summary>A thread that starts while no descriptor is free would end the process.</summary>
    [Fact]
    public async Task Pool_threads_run_before_the_listeners_open()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using AdminClient admin = new(gateway);
        Assert.InRange(await admin.MetricAsync("dotnet_threadpool_threads"), 2, double.MaxValue);
    }

    [GeneratedRegex(@"up after \d+ ms")]
    private static partial Regex UpAfter();
}
