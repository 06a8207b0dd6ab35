using System.IO.Pipelines;
using System.Net;
using FastGate.Transport.Addresses;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Transport.Loops;

/// <summary>The members of <see cref="ConnectionContext"/> besides the pipe. Any thread; objects are created by the first access.</summary>
internal partial class LoopConnection :
    IConnectionIdFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IConnectionLifetimeFeature,
    IConnectionEndPointFeature,
    IMemoryPoolFeature,
    IDetachableConnection,
    IRemoteAddress,
    IPausableInput,
    ICallingInput
{
    public override string ConnectionId
    {
        get => Extras.ConnectionId ??= $"L{_loop.Index:X2}{Generation:X8}";
        set => Extras.ConnectionId = value;
    }

    public override IFeatureCollection Features
    {
        get
        {
            LoopConnectionExtras extras = Extras;
            if (extras.Features is null)
            {
                Interlocked.CompareExchange(ref extras.Features, CreateFeatures(), null);
            }

            return extras.Features;
        }
    }

    public override IDictionary<object, object?> Items
    {
        get => Extras.Items ??= new ConnectionItems();
        set => Extras.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _extras?.Transport ?? this;
        set => Extras.Transport = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _extras?.RemoteEndPoint ?? LinuxAddress.Unpack(Volatile.Read(ref _packedRemote));
        set => Extras.RemoteEndPoint = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => base.LocalEndPoint ??= ReadLocalEndPoint();
        set => base.LocalEndPoint = value;
    }

    /// <summary>
    /// Cancelled on the thread pool when the peer has ended its side, the connection is reset or aborted, or its descriptor is closed.
    /// </summary>
    public override CancellationToken ConnectionClosed
    {
        get => Extras.ClosedOverride ?? ClosedToken();
        set => Extras.ClosedOverride = value;
    }

    UInt128 IRemoteAddress.MappedRemoteAddress => _extras?.RemoteEndPoint is null ? LinuxAddress.Mapped(Volatile.Read(ref _packedRemote)) : 0;

    System.Buffers.MemoryPool<byte> IMemoryPoolFeature.MemoryPool => System.Buffers.MemoryPool<byte>.Shared;

    void IPausableInput.PauseInput() => Pipe.Reader.Pause(true);

    void IPausableInput.ResumeInput()
    {
        Pipe.Reader.Pause(false);
        if (IsReadable)
        {
            // Its event is past.
            Requeue();
        }
    }

    private LoopConnectionExtras Extras
    {
        get
        {
            if (_extras is null)
            {
                Interlocked.CompareExchange(ref _extras, new LoopConnectionExtras(), null);
            }

            return _extras;
        }
    }

    bool IRemoteAddress.TryReplace(UInt128 address, ushort port)
    {
        if (_extras?.RemoteEndPoint is not null || !LinuxAddress.TryPack(address, port, out ulong packed))
        {
            return false;
        }

        Volatile.Write(ref _packedRemote, packed);
        return true;
    }

    private CancellationToken ClosedToken()
    {
        LoopConnectionExtras extras = Extras;
        if (extras.ClosedSource is null)
        {
            Interlocked.CompareExchange(ref extras.ClosedSource, new CancellationTokenSource(), null);

            // The exchange is a full fence: either the loop sees the source, or this thread sees that the loop has signaled before.
            if ((_states & LoopConnectionStates.ClosedSignaled) != 0)
            {
                CancelClosedSource();
            }
        }

        return extras.ClosedSource.Token;
    }

    private void CancelClosedSource()
    {
        Interlocked.MemoryBarrier();
        if (_extras?.ClosedSource is not null)
        {
            // Registered callbacks may block, so they never run on the loop.
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.RunClosedCallbacks(), this, preferLocal: false);
        }
    }

    private void RunClosedCallbacks()
    {
        try
        {
            _extras!.ClosedSource!.Cancel();
        }
        catch (AggregateException exception)
        {
            // Unhandled on the thread pool, it would end the process.
            _loop.Faulted(this, exception);
        }
    }

    private FeatureCollection CreateFeatures()
    {
        var features = new FeatureCollection(10);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IDetachableConnection>(this);
        features.Set<IPausableInput>(this);
        features.Set<ICallingInput>(this);
        if (this is IAdoptedConnection adopted)
        {
            features.Set(adopted);
        }

        return features;
    }

    private IPEndPoint? ReadLocalEndPoint()
    {
        // Off the loop the descriptor could be closed, and its number reused, during the call. The loop closes it under the same lock if the
        // lock object exists; if it is created later, IsClosed is already visible here.
        lock (Extras)
        {
            return IsClosed ? null : LinuxSocket.LocalEndPoint(Descriptor);
        }
    }
}
