using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>
/// Log lines go to the console, one line each. <c>Logging:Console:Format=json</c>, or the framework's <c>FormatterName</c>, makes them JSON.
/// </summary>
internal static class GatewayLogging
{
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration, LogLevels levels)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddConfiguration(levels.Section);
        string? format = configuration["Logging:Console:Format"] ?? configuration["Logging:Console:FormatterName"];
        IZLoggerFormatter formatter = string.Equals(format, "json", StringComparison.OrdinalIgnoreCase) ? new JsonLine() : new PlainTextLine();
        logging.Services.AddSingleton<ILoggerProvider>(_ => new LogRateLimiter(new ConsoleLog(Console.OpenStandardOutput(), formatter), TimeProvider.System));
    }
}
