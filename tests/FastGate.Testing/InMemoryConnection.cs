using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Testing;

/// <summary>
/// A connection without a socket. Its pipes run continuations inline: when a write to the server returns, the server has processed it and waits in
/// its next read, so tests need no delays.
/// </summary>
public class InMemoryConnection : ConnectionContext, IDuplexPipe, IDetachableConnection
{
    private static readonly PipeOptions s_inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    /// <summary>For connections whose server must not run on the threads that signal it: it runs on the pool, as on a loop of its own.</summary>
    public static PipeOptions Scheduled { get; } = new(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    /// <summary>For a client that does not read: the server can write this many bytes before it has to wait.</summary>
    public static PipeOptions Bounded(int capacity) => new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: capacity,
        resumeWriterThreshold: capacity / 2,
        useSynchronizationContext: false);

    private readonly PipeOptions _options;
    private readonly Pipe _toServer;
    private readonly Pipe _toPeer;
    private readonly CancellationTokenSource _closed = new();
    private string? _connectionId;
    private bool _detached;

    public InMemoryConnection(PipeOptions? toServer = null, PipeOptions? toPeer = null)
    {
        _options = toServer ?? s_inline;
        _toServer = new Pipe(_options);
        _toPeer = new Pipe(toPeer ?? s_inline);
        Transport = this;
        ConnectionClosed = _closed.Token;
    }

    /// <summary>A connection with the device of another one, whose server has detached it.</summary>
    /// <param name="device">The other connection: what the server sends arrives there.</param>
    protected InMemoryConnection(InMemoryConnection device)
    {
        _options = device._options;
        _toServer = new Pipe(_options);
        _toPeer = device._toPeer;
        Transport = this;
        ConnectionClosed = _closed.Token;
    }

    /// <summary>Created on first use, as in the event-loop transport.</summary>
    public override string ConnectionId
    {
        get => _connectionId ??= Guid.NewGuid().ToString("N");
        set => _connectionId = value;
    }

    public bool IsIdCreated => _connectionId is not null;

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 40_000);

    public override EndPoint? LocalEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 8_000);

    public ConnectionAbortedException? AbortedBy { get; private set; }

    PipeReader IDuplexPipe.Input => _toServer.Reader;

    PipeWriter IDuplexPipe.Output => _toPeer.Writer;

    /// <summary>The client's end of the pipes.</summary>
    public PipeWriter PeerOutput => _toServer.Writer;

    public PipeReader PeerInput => _toPeer.Reader;

    /// <summary>The server has detached the connection; another one continues it.</summary>
    public bool IsDetached => _detached;

    /// <summary>What the pipe to the device holds counts as sent.</summary>
    public DetachedSocket? Detach()
    {
        if (_closed.IsCancellationRequested || _detached)
        {
            return null;
        }

        // Else a pipe whose bytes were all looked at would give none.
        _toServer.Reader.CancelPendingRead();
        byte[] unread = [];
        if (_toServer.Reader.TryRead(out ReadResult read))
        {
            unread = read.Buffer.ToArray();
            _toServer.Reader.AdvanceTo(read.Buffer.End);
        }

        _detached = true;
        return new DetachedSocket(0, unread, default);
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        AbortedBy ??= abortReason;
        _toServer.Writer.Complete(abortReason);
        _toPeer.Reader.CancelPendingRead();
        _toPeer.Reader.Complete();
        _closed.Cancel();
    }

    /// <summary>Runs the handler to the end of the connection, as a transport does.</summary>
    public virtual Task ServeAsync(ConnectionDelegate handler) => handler(this);

    /// <summary>The client disconnects without a close frame, or with a reset.</summary>
    public void CloseFromPeer(Exception? reset = null) => _toServer.Writer.Complete(reset);
}
