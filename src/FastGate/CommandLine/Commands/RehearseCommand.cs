using System.Diagnostics.Metrics;
using FastGate.Configuration.Loading;
using FastGate.HandOver;
using FastGate.Hosting;
using FastGate.Restart;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Commands;

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
            using var configuration = new GatewayConfiguration(ConfigurationSources.Read(args), NullLogger<GatewayConfiguration>.Instance);
            await using ServiceProvider provider = new ServiceCollection().AddMetrics().BuildServiceProvider();

            // Never disposed of: it has opened nothing, and the process ends.
            new GatewayHost(configuration, NullLoggerFactory.Instance, provider.GetRequiredService<IMeterFactory>()).Rehearse();
            for (uint version = StateFormat.OldestVersion; version <= StateFormat.Version; version++)
            {
                await Console.Out.WriteLineAsync(Rehearsal.ReplyFor(version));
            }

            return 0;
        }
        catch (Exception exception)
        {
            // A missing library fails in a type's initializer, whose own message does not name it.
            await Console.Error.WriteLineAsync(exception is TypeInitializationException ? exception.GetBaseException().Message : exception.Message);
            return 1;
        }
    }
}
