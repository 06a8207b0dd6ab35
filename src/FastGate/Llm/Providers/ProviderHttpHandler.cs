using System.Text;
using FastGate.Llm.Calls;

namespace FastGate.Llm.Providers;

/// <summary>
/// What both SDKs would blur is told apart here, where the response is still whole: a refusal becomes one exception with its status and
/// <c>Retry-After</c>, its body read no further than a person needs; a reply's stream is watched (<see cref="ReplyStream"/>).
/// </summary>
internal sealed class ProviderHttpHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int ShownBody = 512;

    /// <summary>A refusal is known by its status; its words must not cost the time another attempt could have.</summary>
    private static readonly TimeSpan s_bodyWait = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            response.Content = await ReplyContent.WrapAsync(response.Content, cancellationToken).ConfigureAwait(false);
            return response;
        }

        using (response)
        {
            int status = (int)response.StatusCode;
            throw new LlmException(
                status is 429 ? LlmFailure.Throttled : LlmFailure.Refused,
                $"the provider answered {status}: {await HeadOfBodyAsync(response, cancellationToken).ConfigureAwait(false)}")
            {
                Status = status,
                RetryAfter = RetryAfter(response),
            };
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - (response.Headers.Date ?? DateTimeOffset.UtcNow) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static async Task<string> HeadOfBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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
            // What has come is what there is to show.
        }

        return read > 0 ? LogText.Clean(Encoding.UTF8.GetString(buffer, 0, read)) : "(no body)";
    }
}
