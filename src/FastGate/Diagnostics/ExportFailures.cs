using System.Net;
using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>
/// Logs that a collector did not accept an export, at most once a minute: the SDK reports it to its event source alone, which a native program does not
/// have, and the log itself may be what is exported. Any thread.
/// </summary>
internal sealed class ExportFailures(ILogger logger, TimeProvider time)
{
    internal static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private long _loggedAt;

    /// <summary>The handler of one exporter's requests.</summary>
    public HttpMessageHandler CreateHandler() => new Handler(this);

    private void Report(string failure)
    {
        long now = time.GetTimestamp();
        long last = Interlocked.Read(ref _loggedAt);
        if ((last == 0 || time.GetElapsedTime(last, now) >= Every) && Interlocked.CompareExchange(ref _loggedAt, now, last) == last)
        {
            logger.ExportFailed(failure);
        }
    }

    private void Check(HttpResponseMessage reply)
    {
        if (reply.StatusCode != HttpStatusCode.OK)
        {
            Report($"status {(int)reply.StatusCode}");
        }
        else if ((reply.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? statuses) || reply.Headers.TryGetValues("grpc-status", out statuses))
            && statuses.FirstOrDefault() is { } status && status != "0")
        {
            Report($"gRPC status {status}");
        }
    }

    private sealed class Handler(ExportFailures failures) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                HttpResponseMessage reply = base.Send(request, cancellationToken);
                failures.Check(reply);
                return reply;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                failures.Report(exception.Message);
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                HttpResponseMessage reply = await base.SendAsync(request, cancellationToken);
                failures.Check(reply);
                return reply;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                failures.Report(exception.Message);
                throw;
            }
        }
    }
}
