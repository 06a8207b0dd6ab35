using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using FastGate.Configuration.Loading;
using FastGate.Diagnostics;
using FastGate.Restart;
using FastGate.Restart.TakeOver;
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

    private static readonly ServiceState s_alive = new("WATCHDOG=1");

    public static Task<int> ServeAsync(string[] args) => ServeAsync(args, null);

    /// <param name="args">The settings.</param>
    /// <param name="takeOver">The socket of a running server whose connections this process takes over; null for a usual start.</param>
    public static async Task<int> ServeAsync(string[] args, string? takeOver)
    {
        long started = Stopwatch.GetTimestamp();

        // First of all: no child process may inherit the variable or the descriptors.
        InheritedState? inherited = InheritedState.Take() ?? TakeStored();
        ConfigurationManager settings;
        try
        {
            settings = ConfigurationSources.Read(args);
        }
        catch (InvalidConfigurationException exception)
        {
            // The configuration says how to log, so there is no log yet.
            await Console.Error.WriteLineAsync(exception.Message);
            return Failed;
        }

        var services = new ServiceCollection();
        services.AddMetrics();
        using var levels = new LogLevels(settings.GetSection("Logging"), TimeProvider.System);
        services.AddLogging(logging => GatewayLogging.Configure(logging, settings, levels));
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
            await using var gateway = new GatewayHost(configuration, logs, provider.GetRequiredService<IMeterFactory>(), inherited?.Count ?? 0, levels);
            if (takeOver is null)
            {
                await gateway.StartAsync(inherited);
            }
            else if (!await gateway.TryTakeOverAsync(takeOver))
            {
                return Failed;
            }

            configuration.WatchFiles(TimeProvider.System, TimeSpan.FromSeconds(1));
            log.Up(ProcessMetrics.Version, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds, Environment.ProcessId, gateway.TransportName);
            gateway.Announce(log);

            // Loads OpenSSL, which the first session id needs.
            ThreadPool.QueueUserWorkItem(static _ => RandomNumberGenerator.Fill(new byte[1]));
            gateway.HandOver.IsStopRequested = () => signals.IsStopRequested;
            gateway.HandOver.FlushLog = () => provider.GetServices<ILoggerProvider>().OfType<LogRateLimiter>().First().FlushAsync();
            gateway.HandOver.FlushTelemetry = () => Task.Run(gateway.FlushTelemetry);
            var systemd = new SystemdNotifier();
            gateway.Restart.Requests.Notify = ended => Notify(systemd, ended ? ServiceState.Ready : Reloading());
            Notify(systemd, ServiceState.Ready);
            using SystemdWatchdog? watchdog = SystemdWatchdog.IntervalFor(Environment.ProcessId, Environment.GetEnvironmentVariable) is { } interval
                ? new SystemdWatchdog(interval, gateway.RespondAsync, () => Notify(systemd, s_alive), log, TimeProvider.System).Start()
                : null;
            Volatile.Write(ref served, gateway);
            gateway.OpenHandOverSocket(replaces: takeOver is not null);
            await Task.WhenAny(signals.Stop, gateway.HandedOver);
            await gateway.Restart.Requests.StopAsync();
            Notify(systemd, ServiceState.Stopping);
            if (gateway.HandedOver.IsCompleted)
            {
                return 0;
            }

            if (SystemdStore.Offered() is { } store && await gateway.TryKeepAsync(store))
            {
                return 0;
            }

            await gateway.Drain.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception
            is InvalidConfigurationException or AddressInUseException or SocketException or IOException or PlatformNotSupportedException)
        {
            log.CannotStart(exception.Message);
            return Failed;
        }
    }

    /// <summary>The time is that of the system's monotonic clock: systemd orders it against its own request.</summary>
    private static ServiceState Reloading() => new(
        string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={(long)(Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency))}"));

    /// <summary>
    /// What the last process of this unit has left in the service manager's store. The store gives its copies up before the first byte is read: a state is
    /// used once.
    /// </summary>
    private static InheritedState? TakeStored()
    {
        if (!OperatingSystem.IsLinux() || StoredDescriptors.Take() is not { } stored)
        {
            return null;
        }

        SystemdStore.Offered()?.TryClear();
        using (stored.State)
        {
            return InheritedState.Of(stored.Read());
        }
    }

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
