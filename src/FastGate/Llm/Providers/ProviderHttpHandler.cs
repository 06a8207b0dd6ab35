using System.IO.Compression;
using System.Text;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>
/// Throws for an error response, with its status, <c>Retry-After</c> and the beginning of its body. Decompresses replies that were compressed
/// without a request header; sending the header would make some servers buffer the stream.
/// </summary>
internal sealed class ProviderHttpHandler(HttpMessageHandler inner, string? apiKey) : DelegatingHandler(inner)
{
    private const int ShownBody = 512;

    /// <summary>Limits the time for the body of an error response, which another attempt could use.</summary>
    private static readonly TimeSpan s_bodyWait = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            response.Content = await DecompressAsync(response.Content, cancellationToken).ConfigureAwait(false);
            return response;
        }

        using (response)
        {
            int status = (int)response.StatusCode;
            throw new LlmException(
                status is 429 ? LlmFailure.Throttled : LlmFailure.Refused,
                $"the provider answered {status}{Target(response)}: {await HeadOfBodyAsync(response, cancellationToken).ConfigureAwait(false)}")
            {
                Status = status,
                RetryAfter = RetryAfter(response),
            };
        }
    }

    /// <summary>Where a redirection leads; it is not followed, because the key would go to another server.</summary>
    private static string Target(HttpResponseMessage response) =>
        response.Headers.Location is { } target ? $" (redirected to {LogText.Shorten(target.OriginalString.Split('?')[0], 200)})" : "";

    private static async Task<HttpContent> DecompressAsync(HttpContent content, CancellationToken cancellationToken)
    {
        string encoding = string.Join(',', content.Headers.ContentEncoding);
        if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return content;
        }

        Stream body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new StreamContent(encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => throw new LlmException(LlmFailure.Garbage, $"the reply is encoded as {LogText.Shorten(encoding, 40)}"),
        });
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - (response.Headers.Date ?? DateTimeOffset.UtcNow) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private async Task<string> HeadOfBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[ShownBody];
        int read = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_bodyWait);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            while (read < ShownBody && await body.ReadAsync(buffer.AsMemory(read), limit.Token).ConfigureAwait(false) is > 0 and var more)
            {
                read += more;
            }
        }
        catch (Exception exception)
            when (exception is IOException or HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Show what has arrived.
        }

        return read > 0 ? LogText.Shorten(Encoding.UTF8.GetString(buffer, 0, read), ShownBody, apiKey) : "(no body)";
    }
}
