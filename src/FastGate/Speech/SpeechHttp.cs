using System.Net.Http.Headers;
using FastGate.Llm.Failures;
using FastGate.Outbound;
using FastGate.Speech.Settings;

namespace FastGate.Speech;

/// <summary>The HTTP client of one speech provider. Cancelling a call closes its connection.</summary>
internal static class SpeechHttp
{
    private const int LongestReason = 200;

    public static HttpClient Create(SpeechProviderSettings settings)
    {
        Uri address = BaseOf(settings.BaseUrl);
        SocketsHttpHandler handler = OutboundHttp.CreateHandler(address, settings.ConnectTimeout, settings.MaxConcurrency);
        handler.SslOptions.RemoteCertificateValidationCallback = OutboundHttp.VerifyCertificate(settings.AcceptAnyCertificate);
        var client = new HttpClient(handler)
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (settings.ApiKey is { } key)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <exception cref="SpeechProviderException">The answer is no success.</exception>
    public static async Task EnsureSuccessAsync(SpeechProviderSettings settings, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] start = new byte[4 * LongestReason];
        int count = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        string reason = LogText.Shorten(System.Text.Encoding.UTF8.GetString(start, 0, count), LongestReason, settings.ApiKey);
        throw new SpeechProviderException($"{settings.Alias}: HTTP {(int)response.StatusCode} {reason}");
    }

    /// <summary>The address with its version; a setting may hold the whole path of an endpoint.</summary>
    private static Uri BaseOf(string? setting)
    {
        var uri = new Uri(setting ?? "https://api.openai.com/v1");
        string path = uri.AbsolutePath.TrimEnd('/');
        foreach (string endpoint in (ReadOnlySpan<string>)["/audio/transcriptions", "/audio/speech"])
        {
            path = path.EndsWith(endpoint, StringComparison.OrdinalIgnoreCase) ? path[..^endpoint.Length] : path;
        }

        return OutboundHttp.WithPath(uri, (path.Length == 0 ? "/v1" : path) + "/");
    }
}
