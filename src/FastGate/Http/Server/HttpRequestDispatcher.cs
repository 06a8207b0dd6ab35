using FastGate.Diagnostics;
using FastGate.Protocol.Handshake;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>Passes each request to the pipeline of the listener that accepted its connection, and turns exceptions into responses.</summary>
internal sealed class HttpRequestDispatcher(ILogger logger) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        contextFeatures.Get<HttpConnectionState>()?.BeginRequest();
        return new DefaultHttpContext(contextFeatures);
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        HttpConnectionState? connection = context.Features.Get<HttpConnectionState>();
        HttpListenerPipeline? listener = connection?.Listener;
        try
        {
            if (listener is null)
            {
                throw new InvalidOperationException("The connection carries no listener.");
            }

            SetHeaders(context.Response.Headers);
            await listener.Handler(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            logger.RequestRefused(
                context.Request.Method, SafePath(context), $"{context.Connection.RemoteIpAddress}", listener?.Name ?? "unknown", exception.StatusCode, exception.Message);
            context.Response.Clear();
            SetHeaders(context.Response.Headers);
            context.Response.StatusCode = exception.StatusCode;
        }
        catch (Exception exception) when (exception is ConnectionAbortedException or ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; there is no one to respond to.
        }
        catch (Exception exception)
        {
            logger.RequestFailed(exception, context.Request.Method, SafePath(context), listener?.Name ?? "unknown");
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Clear();
            SetHeaders(context.Response.Headers);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        // Also after a client that did not wait for its response.
        listener?.Options.Misdirected?.Observe(context, listener.Options);
    }

    /// <summary>Called after the response. The context owns nothing: its features belong to the server.</summary>
    public void DisposeContext(HttpContext context, Exception? exception) => context.Features.Get<HttpConnectionState>()?.EndRequest();

    /// <summary>Every response of either listener is about this moment, and is never interpreted as another type than its own.</summary>
    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
    }

    private static string SafePath(HttpContext context) =>
        HandshakeText.Render(System.Text.Encoding.UTF8.GetBytes(context.Request.Path.Value ?? ""));
}
