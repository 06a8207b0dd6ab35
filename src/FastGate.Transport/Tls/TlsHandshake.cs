using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Tls;

/// <summary>
/// A handshake in progress. The pool computes it, and the connection's loop moves the bytes: a loop's pipe is used on its thread only, and a
/// signature must not delay the loop's other connections.
/// </summary>
/// <remarks>
/// One side at a time owns the fields below: the pool while the state is <see cref="Running"/>, the loop otherwise. Each exchange of the state passes
/// them on. A thread of the pool publishes only after it has left the library, so that no two threads are in it. The pool wakes the loop by
/// cancelling its read. After <see cref="Abandon"/> the pool alone is in the library.
/// </remarks>
internal sealed class TlsHandshake : IValueTaskSource<int>
{
    private const int Running = 0;
    private const int WantsInput = 1;
    private const int Finished = 2;
    private const int Abandoned = 3;

    private readonly TlsServer _server;
    private readonly PipeReader _loopInput;
    private readonly SslStream _ssl;
    private readonly SslServerAuthenticationOptions _options;

    private ReadOnlyMemory<byte> _hello;
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _target;
    private ArrayBufferWriter<byte>? _output;
    private Exception? _error;
    private int _fed;
    private bool _isStarted;
    private bool _isDone;
    private int _state;

    /// <param name="server">Counts the handshake, which has been begun there, and runs it.</param>
    /// <param name="loopInput">The reader of the loop.</param>
    /// <param name="ssl">Its inner stream reads and writes here.</param>
    /// <param name="options">With the certificate.</param>
    /// <param name="hello">The first record of the client.</param>
    public TlsHandshake(TlsServer server, PipeReader loopInput, SslStream ssl, SslServerAuthenticationOptions options, ReadOnlyMemory<byte> hello) =>
        (_server, _loopInput, _ssl, _options, _hello) = (server, loopInput, ssl, options, hello);

    /// <summary>Loop only. While the pool computes, the loop may only wait or call <see cref="Abandon"/>.</summary>
    public bool IsComputing => Volatile.Read(ref _state) == Running;

    /// <summary>Loop only. The handshake has ended, with <see cref="Error"/> or without.</summary>
    public bool IsFinished => Volatile.Read(ref _state) == Finished;

    /// <summary>Why the library failed. After the end.</summary>
    public Exception? Error => _error;

    public void Start() => _server.Compute(this);

    /// <summary>Loop only. Gives received bytes to the library if it waits for them, and returns how many it took.</summary>
    public int Feed(in ReadOnlySequence<byte> received)
    {
        if (received.IsEmpty || Volatile.Read(ref _state) != WantsInput)
        {
            return 0;
        }

        _fed = (int)Math.Min(_target.Length, received.Length);
        received.Slice(0, _fed).CopyTo(_target.Span);
        Volatile.Write(ref _state, Running);
        _server.Compute(this);
        return _fed;
    }

    /// <summary>Loop only, not while the pool computes. What the library has written; null when there is nothing.</summary>
    public ArrayBufferWriter<byte>? TakeOutput()
    {
        ArrayBufferWriter<byte>? output = _output;
        _output = null;
        return output;
    }

    /// <summary>Loop only. The connection ends before the handshake: the pool then disposes of the library's object, unless the handshake had finished.</summary>
    public void Abandon()
    {
        int before = Interlocked.Exchange(ref _state, Abandoned);
        if (before == Finished)
        {
            _ssl.Dispose();
            if (_error is null)
            {
                _server.OnClosed();
            }

            return;
        }

        _server.OnAbandoned();
        if (before == WantsInput)
        {
            _server.Compute(this);
        }
    }

    /// <summary>Pool only: the next part of the handshake, up to the next missing byte.</summary>
    public void Run()
    {
        if (Volatile.Read(ref _state) == Abandoned)
        {
            Drop();
            return;
        }

        if (_isStarted)
        {
            _read.SetResult(_fed);
        }
        else
        {
            _isStarted = true;
            _ = AuthenticateAsync();
        }

        (bool isDone, bool succeeded) = (_isDone, _error is null);
        if (Interlocked.CompareExchange(ref _state, isDone ? Finished : WantsInput, Running) == Abandoned)
        {
            Drop();
            return;
        }

        if (isDone)
        {
            _server.OnHandshakeEnded(succeeded);
        }

        _loopInput.CancelPendingRead();
    }

    /// <summary>Pool only, called by the library.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _hello.Length);
        if (count > 0 || buffer.IsEmpty)
        {
            _hello.Span[..count].CopyTo(buffer.Span);
            _hello = _hello[count..];
            return new ValueTask<int>(count);
        }

        _target = buffer;
        _read.Reset();
        return new ValueTask<int>(this, _read.Version);
    }

    /// <summary>Pool only, called by the library.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => (_output ??= new ArrayBufferWriter<byte>()).Write(bytes);

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    /// <summary>Pool only. The library returns its buffers when its read ends, and not when it is disposed of: one that waits gets the end of the input.</summary>
    private void Drop()
    {
        if (_isStarted && !_isDone)
        {
            _read.SetResult(0);
        }

        _ssl.Dispose();
    }

    private async Task AuthenticateAsync()
    {
        try
        {
            await _ssl.AuthenticateAsServerAsync(_options).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _error = exception;
        }

        _isDone = true;
    }
}
