using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Transport.Sockets;

/// <summary>The members of <see cref="ConnectionContext"/> besides the pipe. Any thread; objects are created by the first access.</summary>
internal partial class SocketConnection :
    IConnectionIdFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IConnectionLifetimeFeature,
    IConnectionEndPointFeature,
    IConnectionSocketFeature,
    IMemoryPoolFeature,
    IPausableInput
{
    private static long s_lastId;

    private string? _connectionId;
    private IFeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private IDuplexPipe? _pipe;
    private CancellationTokenSource? _closedSource;
    private CancellationToken? _closedOverride;
    private bool _isClosedSignaled;

    public override string ConnectionId
    {
        get => _connectionId ?? CreateId();
        set => _connectionId = value;
    }

    public override IFeatureCollection Features => _features ?? CreateFeatures();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _pipe ?? this;
        set => _pipe = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => base.RemoteEndPoint ??= EndPointOf(static socket => socket.RemoteEndPoint);
        set => base.RemoteEndPoint = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => base.LocalEndPoint ??= EndPointOf(static socket => socket.LocalEndPoint);
        set => base.LocalEndPoint = value;
    }

    /// <summary>Cancelled on the thread pool when an operation has failed or met the end of the input, or the socket is closed.</summary>
    public override CancellationToken ConnectionClosed
    {
        get => _closedOverride ?? ClosedToken();
        set => _closedOverride = value;
    }

    System.Buffers.MemoryPool<byte> IMemoryPoolFeature.MemoryPool => System.Buffers.MemoryPool<byte>.Shared;

    void IPausableInput.PauseInput() => _input.IsPaused = true;

    void IPausableInput.ResumeInput() => _input.IsPaused = false;

    /// <summary>Any thread.</summary>
    public void SignalClosed()
    {
        Volatile.Write(ref _isClosedSignaled, true);
        CancelClosedSource();
    }

    private CancellationToken ClosedToken()
    {
        if (_closedSource is null)
        {
            Interlocked.CompareExchange(ref _closedSource, new CancellationTokenSource(), null);

            // The exchange is a full fence: either SignalClosed sees the source, or this thread sees that it was there before.
            if (Volatile.Read(ref _isClosedSignaled))
            {
                CancelClosedSource();
            }
        }

        return _closedSource.Token;
    }

    private void CancelClosedSource()
    {
        Interlocked.MemoryBarrier();
        if (_closedSource is { IsCancellationRequested: false })
        {
            // Registered callbacks may block.
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.RunClosedCallbacks(), this, preferLocal: false);
        }
    }

    private void RunClosedCallbacks()
    {
        try
        {
            _closedSource!.Cancel();
        }
        catch (AggregateException exception)
        {
            // Unhandled on the thread pool, it would end the process.
            _transport.ReportFault(this, exception);
        }
    }

    private string CreateId()
    {
        Interlocked.CompareExchange(ref _connectionId, $"S{Interlocked.Increment(ref s_lastId):X10}", null);
        return _connectionId;
    }

    private IFeatureCollection CreateFeatures()
    {
        var features = new FeatureCollection(10);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IConnectionSocketFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IDetachableConnection>(this);
        features.Set<IPausableInput>(this);
        if (this is IAdoptedConnection adopted)
        {
            features.Set(adopted);
        }

        Interlocked.CompareExchange(ref _features, features, null);
        return _features;
    }

    private EndPoint? EndPointOf(Func<Socket, EndPoint?> read)
    {
        try
        {
            return read(Socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
