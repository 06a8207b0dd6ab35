using System.Diagnostics.Metrics;
using FastGate.Configuration.Loading;
using FastGate.Diagnostics;
using FastGate.Hosting;
using FastGate.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Contract;

/// <summary>Pins the name, kind and unit of every instrument of a started-up gateway.</summary>
public sealed class InstrumentContractTests
{
    [Fact]
    public async Task Instruments_keep_their_name_kind_and_unit()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory meters = services.GetRequiredService<IMeterFactory>();
        List<string> instruments = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == GatewayMeter.Name && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                instruments.Add($"{instrument.Name} {instrument.GetType().Name.Split('`')[0]} {instrument.Unit}".TrimEnd());
            }
        };
        listener.Start();

        using ConfigurationFixture files = new();
        files["Memory:Path"] = Path.Combine(files.Directory, "fastgate.db");
        files["Webhooks:All:0"] = "http://127.0.0.1:9/";
        files["Webhooks:Secrets:0"] = "secret";
        using GatewayConfiguration configuration = files.Create();
        await using (new GatewayHost(configuration, NullLoggerFactory.Instance, meters))
        {
            GoldenFile.AssertEqual("instruments.txt", instruments);
        }
    }
}
