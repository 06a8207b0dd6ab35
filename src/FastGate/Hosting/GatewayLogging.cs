using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace FastGate.Hosting;

/// <summary>Where log lines go: the console, one line each; <c>Logging:Console:FormatterName=json</c> makes them JSON.</summary>
internal static partial class GatewayLogging
{
    public static void Configure(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        bool json = configuration["Logging:Console:FormatterName"] == ConsoleFormatterNames.Json;
        bool added = false;
        AddZLogger(logging, json, ref added);
        if (added)
        {
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        logging.AddJsonConsole(console => console.UseUtcTimestamp = true);

        // Loops log: a console nobody reads must cost lines, and never keep a loop waiting. The console says how many are missing.
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        if (configuration["Logging:Console:FormatterName"] is not { Length: > 0 })
        {
            logging.AddConsole(console => console.FormatterName = ConsoleFormatterNames.Simple);
        }
    }

    /// <summary>Has a body in builds with <c>-p:UseZLogger=true</c> alone.</summary>
    static partial void AddZLogger(ILoggingBuilder logging, bool json, ref bool added);
}
