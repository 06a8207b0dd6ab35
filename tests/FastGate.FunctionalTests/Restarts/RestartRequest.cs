using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>Asks a server for a restart in place.</summary>
public static class RestartRequest
{
    /// <summary>Through the API; returns when the new program has reported.</summary>
    public static async Task<JsonNode> RunAsync(GatewayProcess gateway)
    {
        int before = (int)(await ReportAsync(gateway))["restarts"]!;
        using (HttpClient http = new() { Timeout = Deadline.Program })
        using (HttpResponseMessage answer = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null))
        {
            string body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {body}\n{gateway.Log}");
            Assert.Equal(before, (int)JsonNode.Parse(body)!["restarts"]!);
        }

        return await FinishedAsync(gateway, before + 1);
    }

    /// <summary>Waits for the report of the restart with this number.</summary>
    public static async Task<JsonNode> FinishedAsync(GatewayProcess gateway, int restarts)
    {
        try
        {
            return await Eventually.ValueAsync(() => ReportAsync(gateway), report => (int)report["restarts"]! >= restarts, Deadline.Program);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{gateway.Log}", exception);
        }
    }

    public static async Task<JsonNode> ReportAsync(GatewayProcess gateway)
    {
        while (true)
        {
            // A connection of its own: a restart closes those of HTTP.
            using HttpClient http = new() { Timeout = Deadline.Program };
            try
            {
                return JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/api/v1/restart")))!;
            }
            catch (HttpRequestException) when (!gateway.HasExited)
            {
                // The request was in progress when the program was replaced.
            }
        }
    }
}
