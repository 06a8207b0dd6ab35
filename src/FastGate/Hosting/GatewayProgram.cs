using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using FastGate.Configuration.Loading;
using FastGate.Diagnostics;
using FastGate.Hosting.Commands;
using FastGate.Restart;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>The server process, from the configuration to the exit status.</summary>
internal static class GatewayProgram
{
    private const int Failed = 1;

    public static async Task<int> ServeAsync(string[] args)
    {
        long started = Stopwatch.GetTimestamp();

        // First of all: no child process may inherit the variable or the descriptors.
        var inherited = InheritedState.Take();
        ConfigurationManager settings;
        try
        {
            settings = GatewayCommandLine.ReadConfiguration(args);
        }
        catch (InvalidConfigurationException exception)
        {
            // The configuration says how to log, so there is no log yet.
            await Console.Error.WriteLineAsync(exception.Message);
            return Failed;
        }

        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddLogging(logging => GatewayLogging.Configure(logging, settings));
        await using ServiceProvider provider = services.BuildServiceProvider();
        ILoggerFactory logs = provider.GetRequiredService<ILoggerFactory>();
        ILogger log = logs.CreateLogger("FastGate");
        try
        {
            using var configuration = new GatewayConfiguration(settings, logs.CreateLogger<GatewayConfiguration>());
            if (ConfigurationFolder.Named is string folder && configuration.Current.Config is null)
            {
                log.NoOldConfiguration(folder);
            }

            foreach ((string name, string nearest) in EnvironmentNames.FindUnknown(Environment.GetEnvironmentVariables().Keys.Cast<string>()))
            {
                log.UnknownVariable(name, nearest);
            }

            QuietSignals.End(inherited?.Ticket.IgnoredSignals ?? []);
            GatewayHost? served = null;
            using var signals = new StopSignals(
                () => ThreadPool.QueueUserWorkItem(_ => configuration.Reload()),
                Environment.Exit,
                TimeProvider.System,
                () => Volatile.Read(ref served)?.Restart.Begin(static _ => { }));
            await using var gateway = new GatewayHost(configuration, logs, provider.GetRequiredService<IMeterFactory>(), inherited?.State.Connections.Count ?? 0);
            await gateway.StartAsync(inherited);
            configuration.WatchFiles(TimeProvider.System, TimeSpan.FromSeconds(1));
            log.Up(ProcessMetrics.Version, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds, Environment.ProcessId, gateway.TransportName);
            gateway.Announce(log);
            gateway.HandOver.IsStopRequested = () => signals.IsStopRequested;
            gateway.HandOver.FlushLog = () => provider.GetServices<ILoggerProvider>().OfType<LogRateLimiter>().First().FlushAsync();
            var systemd = new SystemdNotifier();
            gateway.Restart.Requests.Notify = ended => Notify(systemd, ended ? ServiceState.Ready : Reloading());
            Notify(systemd, ServiceState.Ready);
            Volatile.Write(ref served, gateway);
            await signals.Stop;
            await gateway.Restart.Requests.StopAsync();
            Notify(systemd, ServiceState.Stopping);
            await gateway.Drain.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is InvalidConfigurationException or AddressInUseException or SocketException or IOException)
        {
            log.CannotStart(exception.Message);
            return Failed;
        }
    }

    /// <summary>The time is that of the system's monotonic clock: systemd orders it against its own request.</summary>
    private static ServiceState Reloading() => new(
        string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={(long)(Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency))}"));

    /// <summary>For a systemd unit of <c>Type=notify</c>; does nothing elsewhere.</summary>
    private static void Notify(SystemdNotifier systemd, ServiceState state)
    {
        try
        {
            systemd.Notify(state);
        }
        catch (SocketException)
        {
            // The variable was inherited from a service that has ended: no process waits for the state.
        }
    }
}
