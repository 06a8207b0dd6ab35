using System.Net;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Hosting.Commands;

/// <summary>The <c>healthcheck</c> command: asks a running gateway whether it lives. For images without a shell or curl.</summary>
internal static class HealthProbe
{
    private const string ListenKey = $"{GatewayOptions.Section}:Http:Listen";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>0 when the gateway answered, 1 when it did not.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await AskAsync(AddressOf(args));
        }
        catch (Exception exception) when (exception is InvalidConfigurationException or HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <summary>
    /// Whoever names an address means it. Else what the server of this working directory has told, since the configuration may have been changed,
    /// or broken, after its start. A server that could tell nobody is looked for where the configuration has it.
    /// </summary>
    private static IPEndPoint AddressOf(string[] args)
    {
        if (ListenAddress.TryParse(new ConfigurationBuilder().AddCommandLine(args).Build()[ListenKey], out IPEndPoint? named) && named.Port != 0)
        {
            return named;
        }

        if (PublishedAddress.Find() is { } told)
        {
            return told;
        }

        using var configuration = new GatewayConfiguration(GatewayCommandLine.ReadConfiguration(args), NullLogger<GatewayConfiguration>.Instance);
        return ListenAddress.Parse(configuration.Current.Http.Listen);
    }

    private static async Task<int> AskAsync(IPEndPoint door)
    {
        IPAddress address = door.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : door.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : door.Address;
        using var client = new HttpClient { Timeout = s_patience };
        using HttpResponseMessage response = await client.GetAsync(new Uri($"http://{new IPEndPoint(address, door.Port)}/health/live"));
        return response.IsSuccessStatusCode ? 0 : 1;
    }
}
