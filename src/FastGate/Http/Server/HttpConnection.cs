using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Http.Server;

/// <summary>A socket connection that tells its listener when its descriptor is free again.</summary>
internal sealed class HttpConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly HttpConnectionListener _listener;
    private volatile bool _closing;

    public HttpConnection(ConnectionContext inner, HttpConnectionListener listener, HttpListenerPipeline pipeline)
    {
        _inner = inner;
        _listener = listener;
        State = new HttpConnectionState(pipeline, Close);
        inner.Features.Set(State);
    }

    public HttpConnectionState State { get; }

    /// <summary>Any thread. The listener has closed it and waits for its descriptor.</summary>
    public bool IsClosing => _closing;

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _inner.DisposeAsync();
        }
        finally
        {
            await base.DisposeAsync();
            _listener.Remove(this);
        }
    }

    private void Close()
    {
        _closing = true;
        _inner.Abort(new ConnectionAbortedException("Closed for a new connection."));
    }
}
