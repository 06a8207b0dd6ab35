using FastGate.Diagnostics;
using FastGate.Protocol.Handshake;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>Takes each request to the pipeline of the door it came through, and is the last to see an exception.</summary>
internal sealed class HttpListenerApplication(ILogger logger) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        OpenHttpListener? door = context.Features.Get<OpenHttpListener>();
        try
        {
            if (door is null)
            {
                throw new InvalidOperationException("A connection without a door.");
            }

            await door.Pipeline(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = exception.StatusCode;
        }
        catch (Exception exception) when (exception is ConnectionAbortedException or ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody is left to answer.
        }
        catch (Exception exception)
        {
            logger.RequestFailed(exception, context.Request.Method, SafePath(context), door?.Door.Name ?? "unknown");
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // The context owns nothing: its features are the server's.
    }

    private static string SafePath(HttpContext context) =>
        HandshakeText.Render(System.Text.Encoding.UTF8.GetBytes(context.Request.Path.Value ?? ""));
}
