using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Testing.Lean;

/// <summary>
/// A connection without a socket and with minimal overhead, for measuring the code above the transport. It owns no buffer: delivered bytes are in
/// the buffer of the loop and must be consumed before the delivery returns.
/// </summary>
public sealed class LeanConnection : ConnectionContext, IDuplexPipe
{
    private static readonly FeatureCollection s_features = new();
    private static readonly Dictionary<object, object?> s_items = [];

    private readonly LeanLoop _loop;
    private readonly LeanPipeReader _input;

    public LeanConnection(LeanLoop loop)
    {
        _loop = loop;
        _input = new LeanPipeReader(loop);
    }

    public override string ConnectionId { get => "lean"; set => throw new NotSupportedException(); }

    public override IFeatureCollection Features => s_features;

    public override IDictionary<object, object?> Items { get => s_items; set => throw new NotSupportedException(); }

    public override IDuplexPipe Transport { get => this; set => throw new NotSupportedException(); }

    public override EndPoint? RemoteEndPoint { get => null; set => throw new NotSupportedException(); }

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _loop.Writer;

    /// <summary>Delivers bytes of the client. On return the server has consumed them and waits for more. Loop only.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes) => _input.Deliver(bytes);

    /// <summary>The client disconnects without a close frame. Loop only.</summary>
    public void End() => _input.End();

    public override void Abort(ConnectionAbortedException abortReason) => _input.CancelPendingRead();
}
