using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>A stop and a start under a service manager that keeps the descriptors meanwhile.</summary>
public sealed class DescriptorStoreTests
{
    private const int SigUsr1 = 10;
    private const int Many = 40;

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Devices_stay_connected_over_a_stop_and_a_start()
    {
        string script = Path.Combine(RepositoryPaths.Clients, "systemd_store.py");
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(
            Many, directory => $"export STORE_FOLDER={directory} && exec {ExternalProgram.Python} {script} \"$@\"");
        string?[] sessions = [.. fixture.Devices.Select(static device => device.SessionId)];
        fixture.KeepConnecting();

        for (int start = 1; start <= 2; start++)
        {
            fixture.Old.Signal(SigUsr1);
            await Eventually.TrueAsync(() => CountOf(fixture.Old.Log, "is up after") > start, Deadline.Program);
            await fixture.AssertServesAsync(fixture.Old, Many, Many);
        }

        await fixture.StopConnectingAsync();
        Assert.Equal(0, fixture.Refused);
        Assert.Equal(sessions, fixture.Devices.Select(static device => device.SessionId));
        Assert.Contains("service started with 0 descriptors", fixture.Old.Log, StringComparison.Ordinal);
        Assert.NotEmpty(await fixture.Devices[0].SayAsync("hello"));
    }

    private static int CountOf(string text, string words) => text.Split(words).Length - 1;
}
