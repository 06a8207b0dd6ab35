using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;

namespace FastGate.Transport.Tls;

/// <summary>
/// The decrypted pipe of a connection whose client speaks TLS. It takes the place of the connection's pipe at the first byte, so that the handler is the
/// same for both, and a plain connection pays nothing. The first read makes the handshake. While no bytes come, it holds no buffer.
/// </summary>
/// <remarks>
/// Used by the connection's loop only, like the pipe below; <see cref="TlsPipeReader.CancelPendingRead"/> by any thread. On the sockets transport the wait
/// of the library for input may end on another thread than the one of the loop, so the state of that wait has a lock. A server of HTTP may write on one
/// thread while it reads on another one: after the handshake the two directions share nothing that changes.
/// </remarks>
internal sealed class TlsPipe : IDuplexPipe, IDisposable
{
    /// <summary>Bytes that may wait before the handshake is complete: more than a client sends without an answer.</summary>
    private const int MostEarly = 64 * 1024;

    private readonly IDuplexPipe _encrypted;
    private readonly TlsServer _server;
    private readonly TlsStream _stream;
    private readonly TlsPipeReader _reader;
    private readonly TlsPipeWriter _writer;
    private SslStream? _ssl;
    private TlsHandshake? _handshake;
    private bool _offersTls12;
    private bool _isOpen;
    private bool _isEnded;

    public TlsPipe(IDuplexPipe encrypted, TlsServer server)
    {
        _encrypted = encrypted;
        _server = server;
        _reader = new TlsPipeReader(this);
        _writer = new TlsPipeWriter(this);
        _stream = new TlsStream(encrypted, _reader.OnCanceled);
    }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    /// <summary>The handshake is complete. Any thread; only a snapshot.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen);

    /// <summary>Why there was no handshake.</summary>
    public TlsFailure Failure { get; private set; }

    /// <summary>The words of the library about <see cref="Failure"/>: which alert the client sent, for example.</summary>
    public string? FailureDetail { get; private set; }

    /// <summary>The name that the client asked for.</summary>
    public string? ServerName { get; private set; }

    /// <summary>After the handshake.</summary>
    public SslProtocols Protocol => IsOpen ? _ssl!.SslProtocol : SslProtocols.None;

    public SslStream Library => _ssl!;

    /// <summary>Tells the client that nothing follows, and completes when no read of the library waits any more.</summary>
    public ValueTask<ReadResult> EndAsync()
    {
        if (!IsOpen || _isEnded)
        {
            return default;
        }

        _isEnded = true;
        try
        {
            // The bytes are written before the call returns; the transport sends them.
            _ = _ssl!.ShutdownAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The client has gone.
        }

        return _reader.EndAsync(_stream);
    }

    /// <summary>Loop only, after the last read and write.</summary>
    public void Dispose()
    {
        if (_handshake is { } handshake)
        {
            _handshake = null;
            handshake.Abandon();
        }
        else if (_ssl is { } ssl)
        {
            ssl.Dispose();
        }

        _ssl = null;
        _reader.Complete();
        _writer.Drop();
        if (_isOpen)
        {
            Volatile.Write(ref _isOpen, false);
            _server.OnClosed();
        }
    }

    /// <summary>Wakes the read of the pipe below. Any thread.</summary>
    public void Wake() => _encrypted.Input.CancelPendingRead();

    /// <summary>Makes the handshake, as far as bytes and signals of the connection allow; then the first read.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadResult> HandshakeAsync()
    {
        while (!_isOpen && Failure == TlsFailure.None)
        {
            ReadResult read = await _encrypted.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            ArrayBufferWriter<byte>? output = null;
            if (_handshake is null)
            {
                Begin(read);
            }
            else
            {
                output = Continue(read);
            }

            if (output is not null)
            {
                _encrypted.Output.Write(output.WrittenSpan);
                await _encrypted.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }

            if (_reader.TryTakeCancel())
            {
                return new ReadResult(default, isCanceled: true, isCompleted: false);
            }
        }

        return Failure == TlsFailure.None ? await _reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) : new ReadResult(default, false, isCompleted: true);
    }

    private void Begin(in ReadResult read)
    {
        ReadOnlySequence<byte> received = read.Buffer;
        byte[] copy = received.Slice(0, Math.Min(received.Length, MostEarly)).ToArray();
        switch (ClientHello.Read(copy, out ClientHello hello, out int length))
        {
            case OperationStatus.Done:
                SequencePosition end = received.GetPosition(length);
                _encrypted.Input.AdvanceTo(end, end);
                Begin(hello, copy.AsMemory(0, length));
                break;
            case OperationStatus.NeedMoreData when !read.IsCompleted:
                _encrypted.Input.AdvanceTo(received.Start, received.End);
                break;
            default:
                _encrypted.Input.AdvanceTo(received.End);
                _server.CountFailure();
                Failure = read.IsCompleted ? TlsFailure.PeerLeft : TlsFailure.NotTls;
                break;
        }
    }

    private void Begin(in ClientHello hello, ReadOnlyMemory<byte> bytes)
    {
        ServerName = hello.ServerName;
        if (!_server.TryBegin())
        {
            Failure = TlsFailure.Refused;
            return;
        }

        _ssl = new SslStream(_stream, leaveInnerStreamOpen: true);
        _offersTls12 = hello.OffersTls12;
        _stream.Handshake = _handshake = new TlsHandshake(_server, _encrypted.Input, _ssl, _server.Certificates.Select(hello), bytes);
        _handshake.Start();
    }

    /// <returns>What the library has written.</returns>
    private ArrayBufferWriter<byte>? Continue(in ReadResult read)
    {
        ReadOnlySequence<byte> received = read.Buffer;
        SequencePosition taken = received.Start;
        ArrayBufferWriter<byte>? output = null;
        if (!_handshake!.IsComputing)
        {
            output = _handshake.TakeOutput();
            if (_handshake.IsFinished)
            {
                // What has come after the handshake is for the first read. It has been examined, so the pipe below would not return it again.
                _stream.Early = received.ToArray();
                _encrypted.Input.AdvanceTo(received.End);
                Finish();
                return output;
            }

            taken = received.GetPosition(_handshake.Feed(received));
        }

        bool isTooMuch = received.Slice(taken).Length > MostEarly;
        _encrypted.Input.AdvanceTo(taken, received.End);
        if (isTooMuch || read.IsCompleted)
        {
            // At its end, the pipe below has nothing to wait for.
            Fail(isTooMuch ? TlsFailure.TooMuch : TlsFailure.LeftAfterCertificate);
        }

        return output;
    }

    private void Finish()
    {
        TlsHandshake handshake = _handshake!;
        _stream.Handshake = _handshake = null;
        if (handshake.Error is null)
        {
            Volatile.Write(ref _isOpen, true);
            return;
        }

        Failure = _offersTls12 ? TlsFailure.Failed : TlsFailure.OldVersion;
        FailureDetail = handshake.Error.GetBaseException().Message;
    }

    private void Fail(TlsFailure failure)
    {
        Failure = failure;
        TlsHandshake handshake = _handshake!;
        _handshake = null;
        _ssl = null;
        handshake.Abandon();
    }
}
