using System.Net.Http.Headers;
using FastGate.Tools.Settings;

namespace FastGate.Tools.Servers;

/// <summary>The HTTP client of one server: its secrets, and a bound on what it may answer.</summary>
internal sealed class McpHttp(HttpMessageHandler inner, int bound) : DelegatingHandler(inner)
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);

    public static HttpClient Create(McpServerSettings settings, int bound)
    {
        var client = new HttpClient(new McpHttp(
            new SocketsHttpHandler
            {
                ConnectTimeout = s_connect,
                ResponseDrainTimeout = TimeSpan.Zero,
                MaxResponseDrainSize = 0,
                MaxResponseHeadersLength = 32,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),

                // A redirection would take the headers to another server.
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = !settings.Url!.IsLoopback,
            },
            bound))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        foreach ((string name, string value) in settings.Headers)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        if (settings.ApiKey is { } key)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var bounded = new StreamContent(new BoundedReadStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), bound, whole: !isStream));
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers)
        {
            bounded.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = bounded;
        return response;
    }
}
