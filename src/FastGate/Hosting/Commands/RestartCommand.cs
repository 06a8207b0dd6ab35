using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Http.Admin;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Hosting.Commands;

/// <summary>The <c>restart</c> command: asks a running gateway to restart in place, and waits for the result.</summary>
internal static class RestartCommand
{
    private const string ListenKey = $"{GatewayOptions.Section}:Admin:Listen";
    private const string TokenKey = $"{GatewayOptions.Section}:Admin:Token";

    /// <summary>Longer than a rehearsal.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(60);

    /// <summary>Beyond the longest wait for turns that can be configured.</summary>
    private static readonly TimeSpan s_result = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>0 when the gateway has restarted, 1 when it has not.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            (IPEndPoint server, string? token) = Find(args);
            using var client = new HttpClient { BaseAddress = new Uri($"http://{Reachable(server)}"), Timeout = s_answer };
            if (token is not null)
            {
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using HttpResponseMessage response = await client.PostAsync(new Uri("/api/v1/restart", UriKind.Relative), null);
            string body = await response.Content.ReadAsStringAsync();
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                await Console.Error.WriteLineAsync(ErrorIn(body) ?? $"the server answered {(int)response.StatusCode}");
                return 1;
            }

            RestartAnswer accepted = JsonSerializer.Deserialize(body, AdminJson.Default.RestartAnswer)!;
            return await WaitAsync(client, accepted);
        }
        catch (Exception exception) when (exception is InvalidConfigurationException or HttpRequestException or TaskCanceledException or JsonException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task<int> WaitAsync(HttpClient client, RestartAnswer accepted)
    {
        for (long until = Environment.TickCount64 + (long)s_result.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            await Task.Delay(s_pollEvery);
            RestartReport? report;
            try
            {
                string body = await client.GetStringAsync(new Uri("/api/v1/restart", UriKind.Relative));
                report = JsonSerializer.Deserialize(body, AdminJson.Default.RestartReport);
            }
            catch (HttpRequestException)
            {
                // The connection was closed by the restart.
                continue;
            }

            if (report?.Refused is { } refused && refused.At >= accepted.At)
            {
                await Console.Error.WriteLineAsync(refused.Reason);
                return 1;
            }

            if (report is not null && report.Restarts > accepted.Restarts)
            {
                await Console.Out.WriteLineAsync(
                    $"restarted: {report.Last?.Connections ?? 0} connections kept, {report.Last?.Closed ?? 0} closed, {report.Last?.GapMs ?? 0} ms without service");
                return 0;
            }
        }

        await Console.Error.WriteLineAsync("the server accepted the restart and has not reported its result");
        return 1;
    }

    private static string? ErrorIn(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, AdminJson.Default.AdminProblem)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The address named on the command line, else the published one, else the configured one.</summary>
    private static (IPEndPoint Server, string? Token) Find(string[] args)
    {
        using ConfigurationManager settings = GatewayCommandLine.ReadConfiguration(args);
        GatewayOptions? options = null;
        try
        {
            using var configuration = new GatewayConfiguration(settings, NullLogger<GatewayConfiguration>.Instance);
            options = configuration.Current;
        }
        catch (InvalidConfigurationException) when (PublishedAddress.FindAdmin() is not null)
        {
            // The server that runs has read another one, and says why it refuses this one.
        }

        bool isNamed = ListenAddress.TryParse(new ConfigurationBuilder().AddCommandLine(args).Build()[ListenKey], out IPEndPoint? named) && named.Port != 0;
        IPEndPoint server = isNamed ? named! : PublishedAddress.FindAdmin() ?? ListenAddress.Parse(options!.Admin.Listen);
        return (server, options is null ? settings[TokenKey] : options.Admin.Token);
    }

    private static IPEndPoint Reachable(IPEndPoint server) => new(
        server.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : server.Address,
        server.Port);
}
