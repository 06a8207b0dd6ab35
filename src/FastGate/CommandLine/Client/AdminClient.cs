using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Failures;

namespace FastGate.CommandLine.Client;

/// <summary>Speaks the admin API. Answers are read as JSON documents, so that fields of a newer server reach <c>--json</c> too.</summary>
internal sealed class AdminClient : IDisposable
{
    private const string Prefix = "/api/v1/";
    private const int MostBytes = 64 * 1024 * 1024;
    private const int PageSize = 500;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    /// <summary>The texts of an error document, the most specific first.</summary>
    private static readonly string[] s_reasons = ["detail", "error", "title"];

    private readonly HttpClient _http;

    public AdminClient(AdminServer server)
    {
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = server.Address,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostBytes,
        };
        if (server.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Below <c>/api/v1/</c>, with each value escaped.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var path = new StringBuilder();
        foreach (string part in parts)
        {
            path.Append(path.Length == 0 ? "" : "/").Append(Uri.EscapeDataString(part));
        }

        return path.ToString();
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Get, path, null, null, cancellation);

    /// <summary>Sends an act. It is never sent again here: the server that would recognise it may have been replaced.</summary>
    public async Task<JsonElement> ActAsync(HttpMethod method, string path, JsonObject? body, string requestId, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(method, path, body, requestId, cancellation);
        }
        catch (CommandFailedException failed) when (failed is { ExitCode: ExitCode.NotReachable, InnerException: not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } })
        {
            throw new CommandFailedException(
                failed.ExitCode, $"{failed.Message} The server may have acted; repeating the command with --request-id {requestId} does not act twice.", failed);
        }
    }

    /// <summary>The items of a list, page by page along its cursor; never more than one page is held.</summary>
    /// <param name="path">The list with its filters.</param>
    /// <param name="items">The name of the array in each page.</param>
    /// <param name="most">How many items to read at most; null for all.</param>
    /// <param name="answered">Gets each answer before its items.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    public async IAsyncEnumerable<IReadOnlyList<JsonElement>> PagesAsync(
        string path, string items, int? most, Action<JsonElement>? answered, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string separator = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        string? after = null;
        int left = most ?? int.MaxValue;
        while (left > 0)
        {
            string page = $"{path}{separator}limit={Math.Min(left, PageSize)}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}";
            JsonElement answer = await GetAsync(page, cancellation);
            answered?.Invoke(answer);
            IReadOnlyList<JsonElement> found = [.. answer.GetProperty(items).EnumerateArray().Take(left)];
            yield return found;
            left -= found.Count;
            string? next = answer.TryGetProperty("next", out JsonElement cursor) && cursor.ValueKind == JsonValueKind.String ? cursor.GetString() : null;
            if (next is null || next == after)
            {
                yield break;
            }

            after = next;
        }
    }

    /// <summary>The lines of an answer that the server continues to write, until its end.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, string accept, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpRequestMessage request = Request(HttpMethod.Get, path, null, null);
        request.Headers.Accept.ParseAdd(accept);
        using HttpResponseMessage response = await ReachAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        await RequireSuccessAsync(response, cancellation);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (await NextAsync() is { } line)
        {
            yield return line;
        }

        async Task<string?> NextAsync()
        {
            try
            {
                return await lines.ReadLineAsync(cancellation);
            }
            catch (IOException exception)
            {
                throw new CommandFailedException(ExitCode.NotReachable, $"The connection to {_http.BaseAddress} was lost: {exception.Message}", exception);
            }
        }
    }

    /// <summary>The events of an endpoint of server-sent events, until the server ends them.</summary>
    public async IAsyncEnumerable<ServerEvent> EventsAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string name = "";
        var data = new StringBuilder();
        await foreach (string line in LinesAsync(path, MediaTypeNames.Text.EventStream, cancellation))
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    yield return new ServerEvent(name, data.ToString());
                }

                name = "";
                data.Clear();
            }
            else if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                name = line["event:".Length..].Trim();
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(line["data:".Length..].TrimStart());
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, JsonObject? body, string? requestId)
    {
        var request = new HttpRequestMessage(method, new Uri(Prefix + path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeNames.Application.Json);
        }

        if (requestId is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", requestId);
        }

        return request;
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonObject? body, string? requestId, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Request(method, path, body, requestId);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_timeout);
        using HttpResponseMessage response = await ReachAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token, cancellation);
        await RequireSuccessAsync(response, cancellation);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        return JsonElement.Parse(answer.Length == 0 ? "null"u8 : answer);
    }

    private async Task<HttpResponseMessage> ReachAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation, CancellationToken interrupted = default)
    {
        try
        {
            return await _http.SendAsync(request, completion, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandFailedException(ExitCode.NotReachable, $"No answer from {_http.BaseAddress}: {exception.Message}", exception);
        }
        catch (OperationCanceledException) when (completion == HttpCompletionOption.ResponseContentRead && !interrupted.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCode.NotReachable, $"No answer from {_http.BaseAddress} within {s_timeout.TotalSeconds} s.");
        }
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        string reason = Reason(await response.Content.ReadAsByteArrayAsync(cancellation)) ?? $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        throw new CommandFailedException(CodeOf(response.StatusCode), reason);
    }

    private static int CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCode.NotPermitted,
        HttpStatusCode.NotFound => ExitCode.NotFound,
        _ => ExitCode.Failed,
    };

    /// <summary>The most specific text of an error document; null when the body is none.</summary>
    private static string? Reason(byte[] body)
    {
        try
        {
            var problem = JsonElement.Parse(body);
            return problem.ValueKind != JsonValueKind.Object ? null
                : s_reasons
                    .Select(name => problem.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null)
                    .FirstOrDefault(static text => !string.IsNullOrEmpty(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
