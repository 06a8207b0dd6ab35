using FastGate.HandOver;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>Passes connections from one server to the next, through the bytes of the saved state.</summary>
internal static class HandOverBench
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<ConnectionState>> DetachAsync(ConnectionHarness harness)
    {
        harness.Services.HandOver.BeginQuiet();
        return Saved(await harness.Services.HandOver.DetachAllAsync(Limit));
    }

    public static async Task<ScriptedDevice> PassAsync(ConnectionHarness from, ConnectionHarness to, ScriptedDevice device) =>
        to.Adopt(device, Assert.Single(await DetachAsync(from)));

    /// <summary>The states as the next image reads them.</summary>
    public static IReadOnlyList<ConnectionState> Saved(IReadOnlyList<ConnectionState> states)
    {
        using var file = new MemoryStream();
        StateWriter.Write(file, new GatewayState { Connections = [.. states.Select(static (state, number) => state with { Descriptor = number + 3 })] });
        ReadState read = StateReader.Read(file.ToArray());
        Assert.Equal((StateFault.None, 0), (read.Fault, read.Unreadable.Count));
        return [.. read.State.Connections.Select(state => state with { Descriptor = states[state.Descriptor - 3].Descriptor })];
    }
}
