using System.Net;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

public sealed class OverloadTests
{
    /// <summary>
    /// The heap is more than one per cent of 256 MB, and no collection measures it: the first comes after 128 MB. The numbers are hexadecimal, and the native
    /// program reads them only without 0x.
    /// </summary>
    [Fact]
    public async Task Overloaded_server_is_not_ready_and_says_why()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch(
                ["--FastGate:Overload:MemoryPercent=1"],
                shell: "export DOTNET_GCHeapHardLimit=10000000 DOTNET_GCgen0size=8000000"));
        using HttpClient http = new();

        string report = await Eventually.ValueAsync(
            async () =>
            {
                using HttpResponseMessage reply = await http.GetAsync(gateway.HttpUri("/health/ready"));
                return reply.StatusCode == HttpStatusCode.ServiceUnavailable ? await reply.Content.ReadAsStringAsync() : "";
            },
            static text => text.Length > 0);

        Assert.Contains("overloaded: ", report, StringComparison.Ordinal);
    }
}
