using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>Acts and looks by requests.</summary>
public sealed class ApiRoad(GatewayProcess gateway) : IOperatorRoad
{
    public async Task<JsonNode?> ActAsync(OperatorAct act)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        using HttpRequestMessage request = new(new HttpMethod(act.Method), gateway.AdminUri($"/api/v1/{act.Path}"))
        {
            Content = act.Body is null ? null : new StringContent(act.Body, Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{act.Method} {act.Path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    public async Task<JsonNode> ReadAsync(OperatorRead read)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        return JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri($"/api/v1/{read.Path}")))!;
    }

    public async Task<IOperatorTrace> TraceAsync(string deviceId)
    {
        JsonNode begun = (await ActAsync(new OperatorAct("POST", "traces", $$"""{"device":"{{deviceId}}","minutes":5}""", [], "", "")))!;
        return await FollowAsync(gateway, (long)begun["id"]!);
    }

    /// <summary>Reads a trace that runs.</summary>
    public static async Task<IOperatorTrace> FollowAsync(GatewayProcess gateway, long id)
    {
        HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        Uri path = gateway.AdminUri(string.Create(CultureInfo.InvariantCulture, $"/api/v1/traces/{id}"));
        HttpResponseMessage stream = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Deadline.Hang);
        Assert.Equal("application/x-ndjson", stream.Content.Headers.ContentType!.MediaType);
        return new ApiTrace(http, path, new StreamReader(await stream.Content.ReadAsStreamAsync()));
    }

    private sealed class ApiTrace : IOperatorTrace
    {
        private readonly HttpClient _http;
        private readonly Uri _path;
        private readonly StreamReader _reader;
        private readonly List<string> _lines = [];

        public ApiTrace(HttpClient http, Uri path, StreamReader reader)
        {
            (_http, _path, _reader) = (http, path, reader);
            _ = ReadAsync();
        }

        public Task<IReadOnlyList<string>> LinesAsync()
        {
            lock (_lines)
            {
                return Task.FromResult<IReadOnlyList<string>>([.. _lines]);
            }
        }

        public async Task EndAsync()
        {
            using HttpResponseMessage ended = await _http.DeleteAsync(_path).WaitAsync(Deadline.Hang);
            Assert.Equal(System.Net.HttpStatusCode.NoContent, ended.StatusCode);
        }

        public ValueTask DisposeAsync()
        {
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ReadAsync()
        {
            try
            {
                while (await _reader.ReadLineAsync() is { } line)
                {
                    lock (_lines)
                    {
                        _lines.Add(line);
                    }
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
