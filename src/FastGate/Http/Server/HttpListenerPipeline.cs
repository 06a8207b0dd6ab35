using System.Buffers;
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
    /// Ends a connection that sends nothing, or a PROXY header that is malformed or stops. Kestrel's own limits begin with the first byte, or are those of
    /// a keep-alive. A request that Kestrel itself refuses reaches no handler, so it is recorded here.
    /// </summary>
    public ConnectionDelegate RequireFirstByte(ConnectionDelegate next) => async connection =>
    {
        (int first, bool isRecorded) = await ReadFirstByteAsync(connection);
        if (first == HttpTls.FirstByte && listener.Tls is { } tls)
        {
            await tls.RunAsync(connection, listener, secured => ServeAsync(secured, next, isRecorded));
        }
        else if (first >= 0)
        {
            await ServeAsync(connection, next, isRecorded);
        }
    };

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, bool isRecorded)
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

    /// <summary>The byte, which stays unread; -1 when there is none.</summary>
    private async Task<(int First, bool IsRecorded)> ReadFirstByteAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var timeout = new CancellationTokenSource(listener.FirstByteTimeout);
        using CancellationTokenRegistration cancel = timeout.Token.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        ReadResult first;
        try
        {
            OperationStatus header = await ReadProxyHeaderAsync(connection);
            if (header == OperationStatus.InvalidData)
            {
                listener.Misdirected?.ObserveMalformedProxyHeader(connection, Name);
            }

            if (header != OperationStatus.Done)
            {
                return (-1, false);
            }

            // Ends with the connection too. Its token would lose the request of a client that sends and leaves.
            first = await input.ReadAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return (-1, false);
        }

        ReadOnlySpan<byte> bytes = first.Buffer.FirstSpan;
        int firstByte = bytes.IsEmpty ? -1 : bytes[0];
        bool isTls = firstByte == HttpTls.FirstByte && listener.Tls is not null;
        bool isRecorded = !isTls && listener.Misdirected?.Observe(connection, Name, bytes) == true;

        // Nothing is consumed or examined: the server reads it again.
        input.AdvanceTo(first.Buffer.Start);
        return (firstByte, isRecorded);
    }

    private Task<OperationStatus> ReadProxyHeaderAsync(ConnectionContext connection) =>
        listener.Peers is { HasProxies: true } peers ? ProxiedConnection.ReadHeaderAsync(connection, peers) : Task.FromResult(OperationStatus.Done);
}
