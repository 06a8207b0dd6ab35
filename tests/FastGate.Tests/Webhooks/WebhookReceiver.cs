using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Webhooks;

/// <summary>The receiver of webhooks, in place of the network. Answers 204 unless a test sets another status or an exception.</summary>
internal sealed class WebhookReceiver : HttpMessageHandler
{
    private readonly Channel<WebhookRequest> _requests = Channel.CreateUnbounded<WebhookRequest>();

    public HttpStatusCode Status { get; set; } = HttpStatusCode.NoContent;

    public Exception? Failure { get; set; }

    /// <summary>Does not answer before the request is cancelled.</summary>
    public bool Hangs { get; set; }

    public CountSignal Requests { get; } = new();

    public async Task<WebhookRequest> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _requests.Reader.ReadAsync(limit.Token);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        // Read before the test sees the request, because it may change them then.
        (bool hangs, HttpStatusCode status, Exception? failure) = (Hangs, Status, Failure);
        _requests.Writer.TryWrite(new WebhookRequest(
            request.RequestUri!.ToString(),
            request.Headers.GetValues("webhook-id").Single(),
            request.Headers.GetValues("webhook-timestamp").Single(),
            request.Headers.GetValues("webhook-signature").Single(),
            body,
            JsonElement.Parse(body)));
        Requests.Increment();
        if (hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return failure is null ? new HttpResponseMessage(status) : throw failure;
    }
}
