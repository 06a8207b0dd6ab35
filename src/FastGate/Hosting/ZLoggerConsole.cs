using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>The console of ZLogger, compiled with <c>-p:UseZLogger=true</c> alone: lines leave on a thread of its own, as UTF-8 from the start.</summary>
internal static partial class GatewayLogging
{
    private const int QueuedLines = 2_500;

    static partial void AddZLogger(ILoggingBuilder logging, bool json, ref bool added)
    {
        added = true;
        logging.AddZLoggerConsole(options =>
        {
            // As with the other console: lines are lost before a loop waits or memory fills.
            options.FullMode = BackgroundBufferFullMode.Drop;
            options.BackgroundBufferCapacity = QueuedLines;
            if (json)
            {
                options.UseJsonFormatter();
                return;
            }

            options.UsePlainTextFormatter(formatter => formatter.SetPrefixFormatter(
                $"{0:utc-longdate} {1:short} {2}[{3}] ",
                (in MessageTemplate template, in LogInfo info) =>
                    template.Format(info.Timestamp, info.LogLevel, info.Category, info.EventId.Id)));
        });
    }
}
