using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Server;

/// <summary>
/// The request pipeline of an open listener. Each connection carries it as a feature, so that a request is served by the listener that accepted it: the
/// host name and port in the request are the client's choice.
/// </summary>
internal sealed class HttpListenerPipeline(HttpListenerOptions listener, RequestDelegate handler)
{
    public HttpListenerOptions Options => listener;

    public string Name => listener.Name;

    public RequestDelegate Handler => handler;

    /// <summary>
    /// Ends a connection that sends nothing. Kestrel's own limits begin with the first byte, or are those of a keep-alive. A request that Kestrel itself
    /// refuses reaches no handler, so it is recorded here.
    /// </summary>
    public ConnectionDelegate RequireFirstByte(ConnectionDelegate next) => async connection =>
    {
        (bool hasByte, bool isRecorded) = await ReadFirstByteAsync(connection);
        if (hasByte)
        {
            long began = Stopwatch.GetTimestamp();
            var input = new ObservedInput(connection.Transport);
            connection.Transport = input;
            await next(connection);
            if (!isRecorded && connection.Features.Get<HttpConnectionState>() is { HasRequest: false })
            {
                listener.Misdirected?.ObserveUnread(connection, Name, input.HasEnded, Stopwatch.GetElapsedTime(began));
            }
        }
    };

    private async Task<(bool HasByte, bool IsRecorded)> ReadFirstByteAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var timeout = new CancellationTokenSource(listener.FirstByteTimeout);
        using CancellationTokenRegistration cancel = timeout.Token.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        ReadResult first;
        try
        {
            // Ends with the connection too. Its token would lose the request of a client that sends and leaves.
            first = await input.ReadAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return default;
        }

        bool isRecorded = listener.Misdirected?.Observe(connection, Name, first.Buffer.FirstSpan) == true;

        // Nothing is consumed or examined: the server reads it again.
        input.AdvanceTo(first.Buffer.Start);
        return (!first.Buffer.IsEmpty, isRecorded);
    }
}
