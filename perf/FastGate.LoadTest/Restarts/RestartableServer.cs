using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using FastGate.LoadTest.Linux;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Servers;

namespace FastGate.LoadTest.Restarts;

/// <summary>A server that this program has started.</summary>
internal sealed class RestartableServer(StartedServer server, RestartTrigger trigger, string secret) : IRestartableServer, IDisposable
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = s_answer };
    private ClientWebSocket? _console;

    public async Task<string> RestartAsync(CancellationToken stop)
    {
        switch (trigger)
        {
            case RestartTrigger.Message:
                return await SendMessageAsync(stop);
            case RestartTrigger.Api:
                return await PostAsync(stop);
            default:
                Signals.Send(server.ProcessId, Signals.User2);
                return "";
        }
    }

    public ProcessFootprint? Measure() => ProcessFootprint.Take(server.ProcessId);

    public IReadOnlyList<string> TakeLog() => server.TakeLog();

    public void Dispose()
    {
        _http.Dispose();
        _console?.Dispose();
    }

    private async Task<string> SendMessageAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_answer);
        if (_console is not { State: WebSocketState.Open })
        {
            _console?.Dispose();
            _console = new ClientWebSocket();
            _console.Options.SetRequestHeader("Device-Id", "restart-console");
            await _console.ConnectAsync(new Uri($"ws://{server.Target}/xiaozhi/v1/"), limit.Token);
        }

        string message = JsonSerializer.Serialize(new { type = "server", action = "restart", content = new { secret } });
        await _console.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult received = await _console.ReceiveAsync(buffer, limit.Token);
        string answer = Encoding.UTF8.GetString(buffer, 0, received.Count);
        return answer.Contains("\"success\"", StringComparison.Ordinal) ? answer : throw new LoadFailedException($"The restart was refused: {answer}");
    }

    private async Task<string> PostAsync(CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{server.AdminPort}/api/v1/restart"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using HttpResponseMessage response = await _http.SendAsync(request, stop);
        string answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}";
        return response.IsSuccessStatusCode ? answer : throw new LoadFailedException($"The restart was refused: {answer}");
    }
}
