using System.Net;
using Microsoft.Extensions.Configuration;

namespace FastGate.Hosting;

/// <summary>The <c>healthcheck</c> command: asks a running gateway whether it lives. For images without a shell or curl.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>0 when the gateway answered, 1 when it did not.</summary>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        var listen = configuration["FastGate:Http:Listen"] ?? new Options.HttpOptions().Listen;
        if (!IPEndPoint.TryParse(listen, out var door))
        {
            await Console.Error.WriteLineAsync($"FastGate:Http:Listen is '{listen}', not address:port.");
            return 1;
        }

        var address = door.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : door.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : door.Address;
        using var client = new HttpClient { Timeout = s_patience };
        try
        {
            using var response = await client.GetAsync(new Uri($"http://{new IPEndPoint(address, door.Port)}/health/live"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
