using System.Globalization;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server with short timeouts after the handshake. A test that needs a device to answer in time repeats it when the machine has paused.</summary>
public sealed class ShortIdleGateway()
    : GatewayFixture(
        "--FastGate:Devices:Timeouts:Hello=00:00:01",
        "--FastGate:Devices:Timeouts:Idle=" + Idle.ToString("c", CultureInfo.InvariantCulture),
        "--FastGate:Devices:Timeouts:IdleGrace=" + Grace.ToString("c", CultureInfo.InvariantCulture),
        "--FastGate:Devices:Timeouts:Close=00:00:01")
{
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
}
