using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Admin;

/// <summary>Sends requests of the API, compares each answer with the document, and keeps all that was answered.</summary>
internal sealed class ApiClient(GatewayProcess gateway, ApiDocument document) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = Deadline.Hang };
    private readonly StringBuilder _seen = new();

    /// <summary>Headers and bodies of every answer.</summary>
    public string Seen => _seen.ToString();

    /// <summary>Sends a request with the body of the example, unless another is given.</summary>
    public async Task<HttpStatusCode> SendAsync(
        ApiOperation operation, string? token, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(new HttpMethod(operation.Method), gateway.AdminUri(path));
        request.Content = content ?? (operation.Body is { } body ? Json(body.ToJsonString()) : null);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        foreach ((string name, string value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string text = answer is { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "text/event-stream" or "application/x-ndjson" }
            ? await BeginningAsync(answer)
            : await answer.Content.ReadAsStringAsync();
        _seen.Append(answer.Headers).Append(answer.Content.Headers).AppendLine(text);
        document.AssertDescribes(operation, answer, text);
        return answer.StatusCode;
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public void Dispose() => _http.Dispose();

    /// <summary>What a stream has at its beginning; it ends only when its server or its client closes it.</summary>
    private static async Task<string> BeginningAsync(HttpResponseMessage answer)
    {
        using var hang = new CancellationTokenSource(Deadline.Hang);
        byte[] buffer = new byte[16 * 1024];
        await using Stream stream = await answer.Content.ReadAsStreamAsync(hang.Token);
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, hang.Token));
    }
}
