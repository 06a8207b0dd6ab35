using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace FastGate.Transport.Sockets;

/// <summary>Waiting for input and receiving it.</summary>
internal sealed partial class SocketPipeReader
{
    /// <summary>Throws when a result has not been advanced, or a read waits or its result has not been taken.</summary>
    public void ThrowIfReading()
    {
        if ((_isReading || _isOutstanding) && !_isDiscarding)
        {
            throw new InvalidOperationException("A read is in progress.");
        }
    }

    /// <summary>After the handler's end: receives and discards until the peer ends its side or has sent too much.</summary>
    public async Task DiscardAsync(int limit)
    {
        _isDiscarding = true;
        IsPaused = false;
        for (long left = limit; left > 0;)
        {
            ReadResult result = await ReadOrWait();
            left -= result.Buffer.Length;
            AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryTake(out ReadResult result)
    {
        bool isCanceled = false;
        if (Volatile.Read(ref _isCancelRequested))
        {
            lock (connection.Gate)
            {
                isCanceled = _isCancelRequested;
                _isCancelRequested = false;
            }
        }

        if (connection.Fault is not null && !isCanceled)
        {
            connection.ThrowFault();
        }

        bool hasResult = isCanceled || _isUnexamined || InputEnded;
        result = hasResult ? Result(isCanceled) : default;
        return hasResult;
    }

    private ValueTask<ReadResult> ReadOrWait()
    {
        while (true)
        {
            if (TryTake(out ReadResult result))
            {
                return new ValueTask<ReadResult>(result);
            }

            bool isWatched;
            lock (connection.Gate)
            {
                if (_isCancelRequested || connection.IsGone)
                {
                    // The next look at the state has the result, or throws.
                    continue;
                }

                _source.Reset();
                _isWaiting = true;
                _isOutstanding = true;
                isWatched = _isWatched || IsPaused;
                _isWatched |= !IsPaused;
            }

            // Read before the wait can end: then the consumer may begin the next one.
            short version = _source.Version;
            if (isWatched || !Watch() || !TryReceive())
            {
                return new ValueTask<ReadResult>(this, version);
            }

            _isOutstanding = false;
        }
    }

    /// <summary>Lets the runtime wait for input, without a buffer. True when it has ended at once.</summary>
    private bool Watch()
    {
        try
        {
#pragma warning disable CA2012 // The awaiter is used as a compiler would use it: its result is taken once.
            _input = connection.Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, connection.WaitsEnd).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (ObjectDisposedException)
        {
            // A wait that has ended; the receive reports why.
            _input = default;
        }

        if (_input.IsCompleted)
        {
            return true;
        }

        _input.UnsafeOnCompleted(_onInput ??= OnInput);
        return false;
    }

    /// <summary>The runtime's wait has ended, on a thread of the pool.</summary>
    private void OnInput()
    {
        if (TryReceive())
        {
            Continue(runAsynchronously: false);
        }
    }

    /// <summary>
    /// After a wait of the runtime. True when the consumer's wait has ended by it: the caller continues the consumer. False when there is no such
    /// wait any more, or the runtime waits again because there is no input after all.
    /// </summary>
    private bool TryReceive()
    {
        while (true)
        {
            Exception? error = WaitError();
            lock (connection.Gate)
            {
                _isWatched = false;
                if (!_isEnding)
                {
                    if (error is not null)
                    {
                        connection.Fail(error);
                    }

                    if (!_isWaiting)
                    {
                        return false;
                    }

                    if (error is not null || Receive())
                    {
                        _isWaiting = false;
                        return true;
                    }

                    _isWatched = true;
                }
            }

            if (_isEnding)
            {
                connection.CloseSocket();
                return false;
            }

            if (!Watch())
            {
                return false;
            }
        }
    }

    private Exception? WaitError()
    {
        try
        {
            _input.GetResult();
            return null;
        }
        catch (Exception exception)
        {
            return SocketErrors.ToException(exception);
        }
    }

    /// <summary>False when there is no input.</summary>
    private bool Receive()
    {
        SocketError error;
        int count;
        try
        {
            count = connection.Socket.Receive(Space(1), SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            (count, error) = (0, SocketError.OperationAborted);
        }

        if (count > 0)
        {
            _end += count;
            _isUnexamined = true;
            return true;
        }

        if (_start == _end)
        {
            ReturnBytes();
        }

        if (error == SocketError.WouldBlock)
        {
            return false;
        }

        if (error == SocketError.Success)
        {
            InputEnded = true;
            connection.SignalClosed();
        }
        else
        {
            connection.Fail(SocketErrors.ToException(error));
        }

        return true;
    }

    /// <summary>Room behind the kept bytes.</summary>
    private Span<byte> Space(int size)
    {
        if (_bytes is null)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, ReceiveSize));
        }
        else if (_bytes.Length - _end < Math.Max(size, ReceiveSize / 8))
        {
            // Behind the consumer's back, but between two of its reads: it holds no memory.
            int kept = _end - _start;
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(kept + size, (kept * 2) + ReceiveSize));
            _bytes.AsSpan(_start, kept).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, _start, _end) = (larger, 0, kept);
        }

        return _bytes.AsSpan(_end);
    }

    private void Continue(bool runAsynchronously)
    {
        _source.RunContinuationsAsynchronously = runAsynchronously;
        _source.SetResult(true);
    }
}
