using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;

namespace FastGate.CommandLine.Simulation;

/// <summary>The OTA request of the firmware: it asks where to connect and with which token.</summary>
internal sealed class SimOta(HttpClient http, Uri address)
{
    public async Task<(Uri WebSocket, string? Token)> AskAsync(SimIdentity identity, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(SimMessages.Ota(identity), Encoding.UTF8, MediaTypeNames.Application.Json),
        };
        request.Headers.TryAddWithoutValidation("Activation-Version", "1");
        request.Headers.TryAddWithoutValidation("Device-Id", identity.DeviceId);
        request.Headers.TryAddWithoutValidation("Client-Id", identity.ClientId);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(SimIdentity.Board, SimIdentity.Firmware));
        request.Headers.TryAddWithoutValidation("Accept-Language", "zh-CN");
        using HttpResponseMessage response = await http.SendAsync(request, cancellation);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new SimFailedException($"OTA answered {(int)response.StatusCode}");
        }

        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("websocket", out JsonElement websocket)
            && websocket.TryGetProperty("url", out JsonElement url) && Uri.TryCreate(url.GetString(), UriKind.Absolute, out Uri? found)
            ? (found, websocket.TryGetProperty("token", out JsonElement token) ? token.GetString() : null)
            : throw new SimFailedException($"OTA gave no WebSocket address: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 200)))}");
    }
}
