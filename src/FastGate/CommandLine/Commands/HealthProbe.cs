using System.Net;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Commands;

/// <summary>The <c>healthcheck</c> command: asks a running gateway for <c>/health/live</c>, in images without a shell or curl.</summary>
internal static class HealthProbe
{
    private const string ListenKey = $"{GatewayOptions.Section}:Http:Listen";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    /// <summary>0 when the gateway answered, 1 when it did not.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            IPEndPoint server = AddressOf(args);
            IPAddress address = server.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
                : server.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
                : server.Address;
            using var client = new HttpClient { Timeout = s_timeout };
            using HttpResponseMessage response = await client.GetAsync(new Uri($"http://{new IPEndPoint(address, server.Port)}/health/live"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is InvalidConfigurationException or HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <summary>The address named on the command line, else the published one, else the configured one.</summary>
    private static IPEndPoint AddressOf(string[] args)
    {
        if (ListenAddress.TryParse(new ConfigurationBuilder().AddCommandLine(args).Build()[ListenKey], out IPEndPoint? named) && named.Port != 0)
        {
            return named;
        }

        if (PublishedAddress.Find() is { } published)
        {
            return published;
        }

        using var configuration = new GatewayConfiguration(ConfigurationSources.Read(args), NullLogger<GatewayConfiguration>.Instance);
        return ListenAddress.Parse(configuration.Current.Http.Listen);
    }
}
