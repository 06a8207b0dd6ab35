namespace FastGate.Transport.Sockets;

/// <summary>Received bytes pass from one owner of the socket to the next.</summary>
internal sealed partial class SocketPipeReader
{
    /// <summary>Bytes that an earlier owner has received. The next read returns them.</summary>
    public void Adopt(ReadOnlySpan<byte> unread)
    {
        if (!unread.IsEmpty)
        {
            unread.CopyTo(Space(unread.Length));
            _end += unread.Length;
            _isUnexamined = true;
        }
    }

    /// <summary>The bytes that were received and not consumed. Closes the runtime's socket, whose descriptor must have a copy.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        byte[] unread = [];
        lock (connection.Gate)
        {
            // Before another task receives: see TryReceive.
            _isEnding = true;
            if (!_isCompleted)
            {
                // Otherwise nothing is kept, or another task discards it.
                unread = _bytes.AsSpan(_start, _end - _start).ToArray();
                ReturnBytes();
            }
        }

        Close();
        return unread;
    }

    /// <summary>
    /// Closes the runtime's socket when its wait has ended, now or soon: closing it during one would reset the connection. The wait takes no bytes.
    /// </summary>
    public void Close()
    {
        bool isWatched;
        lock (connection.Gate)
        {
            _isEnding = true;
            isWatched = _isWatched;
        }

        if (isWatched)
        {
            connection.CancelWaits();
        }
        else
        {
            connection.CloseSocket();
        }
    }
}
