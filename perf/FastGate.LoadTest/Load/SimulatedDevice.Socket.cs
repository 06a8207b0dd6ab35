using FastGate.LoadTest.Linux;

namespace FastGate.LoadTest.Load;

/// <summary>Its socket: bytes in and out, and what waits for a server that does not read.</summary>
internal sealed partial class SimulatedDevice
{
    private byte[]? _unsent;
    private int _unsentLength;

    /// <summary>Bytes as they are; what the kernel does not take waits in order.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        if (Descriptor < 0)
        {
            return;
        }

        if (_unsentLength == 0)
        {
            bytes = bytes[SendNow(bytes)..];
        }

        if (Descriptor >= 0 && !bytes.IsEmpty)
        {
            Array.Resize(ref _unsent, Math.Max(_unsentLength + bytes.Length, _unsent?.Length ?? 0));
            bytes.CopyTo(_unsent.AsSpan(_unsentLength));
            _unsentLength += bytes.Length;
        }
    }

    /// <summary>What has not been taken by the kernel; a peer that does not read sends no more then.</summary>
    public int Unsent => _unsentLength;

    public void OnSocket(uint events)
    {
        if (Phase == DevicePhase.Connecting)
        {
            if ((events & (SystemCall.Error | SystemCall.HangUp)) != 0)
            {
                End(DeviceEnd.ConnectFailed);
                return;
            }

            if ((events & SystemCall.Out) == 0)
            {
                return;
            }

            OnConnected();
        }
        else if ((events & SystemCall.Out) != 0 && _unsentLength > 0)
        {
            int sent = SendNow(_unsent.AsSpan(0, _unsentLength));
            if (Descriptor < 0)
            {
                return;
            }

            _unsent.AsSpan(sent, _unsentLength - sent).CopyTo(_unsent);
            _unsentLength -= sent;
        }

        const uint Ended = SystemCall.Error | SystemCall.HangUp | SystemCall.ReadHangUp;
        if ((events & (SystemCall.In | Ended)) != 0 && Descriptor >= 0)
        {
            if (Reads)
            {
                Receive((events & Ended) != 0);
            }
            else if ((events & (SystemCall.Error | SystemCall.HangUp)) != 0)
            {
                End(DeviceEnd.Reset);
            }
        }
    }

    private unsafe void Receive(bool ended)
    {
        Span<byte> buffer = _loop.ReceiveBuffer;
        uint generation = Generation;
        while (true)
        {
            int received;
            fixed (byte* pointer = buffer)
            {
                received = SystemCall.Receive(Descriptor, pointer, buffer.Length);
            }

            if (received <= 0)
            {
                if (received != -SystemCall.AgainError)
                {
                    End(received == 0 ? DeviceEnd.ClosedByServer : DeviceEnd.Reset);
                }

                return;
            }

            _loop.Counters.BytesReceived += received;
            _stream.Read(buffer[..received], this);

            // A short read has emptied the socket, unless the end of the stream is behind it.
            if (Descriptor < 0 || Generation != generation || (received < buffer.Length && !ended))
            {
                return;
            }
        }
    }

    private unsafe int SendNow(ReadOnlySpan<byte> bytes)
    {
        int total = 0;
        while (total < bytes.Length)
        {
            int sent;
            fixed (byte* pointer = bytes[total..])
            {
                sent = SystemCall.Send(Descriptor, pointer, bytes.Length - total);
            }

            if (sent == -SystemCall.AgainError)
            {
                break;
            }

            if (sent < 0)
            {
                End(DeviceEnd.Reset);
                break;
            }

            total += sent;
            _loop.Counters.BytesSent += sent;
        }

        return total;
    }
}
