using System.IO.Pipelines;
using System.Net.Sockets;

namespace FastGate.Transport.Sockets;

/// <summary>Sending, and giving the socket away.</summary>
internal sealed partial class SocketPipeWriter
{
    /// <summary>How long giving the socket away waits for the runtime to end a cancelled send.</summary>
    private static readonly TimeSpan s_cancelTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of an earlier owner, which come before all others. Before the handler starts.</summary>
    public void Adopt(ReadOnlySpan<byte> unsent)
    {
        if (unsent.IsEmpty)
        {
            return;
        }

        lock (connection.Gate)
        {
            unsent.CopyTo(Space(unsent.Length).Span);
            _end += unsent.Length;
            _flushed = _end;
            SendOrBegin();
        }
    }

    /// <summary>Before the owner changes: nothing is sent or dropped any more.</summary>
    public void Give(bool isGiven)
    {
        lock (connection.Gate)
        {
            _isGiven = isGiven;
        }
    }

    /// <summary>
    /// Stops sending and returns the bytes that the kernel does not have. It waits, within limits, only for a peer that does not read: the runtime
    /// must say whether its send has taken place. Null when it does not say so.
    /// </summary>
    public byte[]? Take()
    {
        Task? sending;
        lock (connection.Gate)
        {
            sending = _isSending ? _sending : null;
        }

        if (sending is not null)
        {
            connection.CancelWaits();
            if (!sending.Wait(s_cancelTimeout))
            {
                return null;
            }
        }

        lock (connection.Gate)
        {
            byte[] unsent = _bytes.AsSpan(_start, _end - _start).ToArray();
            _isTaken = true;
            Drop();
            return unsent;
        }
    }

    private ValueTask<FlushResult> Flush()
    {
        _isMemoryOut = false;
        _flushed = _end;
        if (!IsEnded)
        {
            SendOrBegin();
        }

        if (IsEnded || _start == _flushed)
        {
            if (!_isSending)
            {
                Drop();
            }

            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, IsEnded));
        }

        if (_isCancelRequested && !_isCompleted)
        {
            _isCancelRequested = false;
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: false));
        }

        _waiting = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new ValueTask<FlushResult>(_waiting.Task);
    }

    private void SendOrBegin()
    {
        if (!_isSending && !_isGiven && !SendNow())
        {
            _isSending = true;
            _sending = SendRestAsync();
        }
    }

    /// <summary>Sends what the kernel takes. True when nothing is left to send.</summary>
    private bool SendNow()
    {
        SocketError error = SocketError.Success;
        try
        {
            while (_start < _flushed && error == SocketError.Success)
            {
                _start += connection.Socket.Send(_bytes.AsSpan(_start, _flushed - _start), SocketFlags.None, out error);
            }
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
        }

        if (error is SocketError.Success or SocketError.WouldBlock)
        {
            return _start == _flushed;
        }

        connection.Fail(SocketErrors.ToException(error));
        return true;
    }

    /// <summary>
    /// Sends the rest when the kernel has room again. The runtime sends single bytes to wait for that: a cancelled send of more could have taken
    /// place in part, without saying how much.
    /// </summary>
    private async Task SendRestAsync()
    {
        while (true)
        {
            ReadOnlyMemory<byte> next;
            lock (connection.Gate)
            {
                if (_isGiven || IsEnded || SendNow() || IsEnded)
                {
                    EndSending();
                    return;
                }

                next = _bytes.AsMemory(_start, 1);
            }

            Exception? error = null;
            int sent = 0;
            try
            {
                sent = await connection.Socket.SendAsync(next, SocketFlags.None, connection.WaitsEnd).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                error = SocketErrors.ToException(exception);
            }

            lock (connection.Gate)
            {
                _start += sent;
                if (error is not null && !_isGiven)
                {
                    connection.Fail(error);
                }
            }
        }
    }

    private void EndSending()
    {
        _isSending = false;
        if (!_isMemoryOut && (IsEnded || _start == _end))
        {
            Drop();
        }

        EndWait();
    }

    /// <summary>Ends a flush that waits. It continues on the pool.</summary>
    private void EndWait()
    {
        _waiting?.SetResult(new FlushResult(isCanceled: false, IsEnded || _isGiven));
        _waiting = null;
    }
}
