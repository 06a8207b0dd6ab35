using System.Diagnostics.Metrics;
using FastGate.Configuration.Loading;
using FastGate.Restart;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Hosting.Commands;

/// <summary>
/// The child process of <see cref="Rehearsal"/>: does what a start does before it opens a port or writes a file. Its words are the reason of a
/// refused restart.
/// </summary>
internal static class RehearseCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            using var configuration = new GatewayConfiguration(GatewayCommandLine.ReadConfiguration(args), NullLogger<GatewayConfiguration>.Instance);
            await using ServiceProvider provider = new ServiceCollection().AddMetrics().BuildServiceProvider();

            // Never disposed of: it has opened nothing, and the process ends.
            new GatewayHost(configuration, NullLoggerFactory.Instance, provider.GetRequiredService<IMeterFactory>(), static () => false).Rehearse();
            await Console.Out.WriteLineAsync(Rehearsal.ReplyFor(1));
            return 0;
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
