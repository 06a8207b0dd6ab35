using System.Net;
using FastGate.LoadTest.Linux;
using FastGate.LoadTest.Load;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Sockets;

/// <summary>A non-blocking socket on the epoll of its loop, and the bytes that wait for a server that does not read.</summary>
internal sealed class EpollSocket(SocketPoll poll, ISocketEvents events, IPEndPoint target, IPEndPoint? source, int receiveBuffer = 0) : DeviceSocket
{
    private int _descriptor = -1;
    private int _slot;
    private bool _connected;
    private byte[]? _unsent;
    private int _unsentLength;

    public override int Unsent => _unsentLength;

    /// <summary>Different for each connection: an event left over from the connection before is recognized and ignored.</summary>
    public uint Generation { get; private set; }

    public override void Connect()
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        int result = LinuxSocket.Create();
        if (result >= 0)
        {
            _descriptor = result;
            _connected = false;
            _unsentLength = 0;
            _ = LinuxSocket.SetNoDelay(_descriptor);
            if (receiveBuffer > 0)
            {
                _ = ClientSocket.SetReceiveBuffer(_descriptor, receiveBuffer);
            }

            if (source is not null)
            {
                result = ClientSocket.SetBindAddressNoPort(_descriptor);
                result = result < 0 ? result : LinuxSocket.Bind(_descriptor, address[..LinuxAddress.Write(source, address)]);
            }

            result = result < 0 ? result : ClientSocket.Connect(_descriptor, address[..LinuxAddress.Write(target, address)]);
        }

        if (result < 0 && result != -ClientSocket.InProgress)
        {
            events.OnEnded(DeviceEnd.ConnectFailed, -result);
            return;
        }

        (_slot, Generation) = poll.Add(this, _descriptor);
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (_descriptor >= 0 && _unsentLength == 0)
        {
            bytes = bytes[SendNow(bytes)..];
        }

        if (_descriptor >= 0 && !bytes.IsEmpty)
        {
            Array.Resize(ref _unsent, Math.Max(_unsentLength + bytes.Length, _unsent?.Length ?? 0));
            bytes.CopyTo(_unsent.AsSpan(_unsentLength));
            _unsentLength += bytes.Length;
        }
    }

    public override void Close()
    {
        if (_descriptor < 0)
        {
            return;
        }

        if (Generation != 0)
        {
            poll.Remove(_slot);
        }

        _ = LinuxSocket.Close(_descriptor);
        _descriptor = -1;
        _unsentLength = 0;
        Generation = 0;
    }

    public void OnEvents(uint ready)
    {
        const uint Failed = LinuxEpoll.Error | LinuxEpoll.HangUp;
        const uint Ended = Failed | LinuxEpoll.ReadHangUp;
        uint generation = Generation;
        if (!_connected)
        {
            if ((ready & Failed) != 0)
            {
                events.OnEnded(DeviceEnd.ConnectFailed);
                return;
            }

            if ((ready & LinuxEpoll.Out) == 0)
            {
                return;
            }

            _connected = true;
            events.OnConnected();
        }
        else if ((ready & LinuxEpoll.Out) != 0 && _unsentLength > 0)
        {
            SendUnsent();
        }

        if ((ready & (LinuxEpoll.In | Ended)) == 0 || Generation != generation)
        {
            return;
        }

        if (Reads)
        {
            Receive((ready & Ended) != 0);
        }
        else if ((ready & Failed) != 0)
        {
            events.OnEnded(DeviceEnd.Reset);
        }
    }

    private void SendUnsent()
    {
        int sent = SendNow(_unsent.AsSpan(0, _unsentLength));
        if (_descriptor >= 0)
        {
            _unsent.AsSpan(sent, _unsentLength - sent).CopyTo(_unsent);
            _unsentLength -= sent;
        }
    }

    private void Receive(bool ended)
    {
        Span<byte> buffer = poll.ReceiveBuffer;
        uint generation = Generation;
        while (true)
        {
            int received = LinuxSocket.Receive(_descriptor, buffer);
            if (received <= 0)
            {
                if (received != -LinuxError.Again)
                {
                    events.OnEnded(received == 0 ? DeviceEnd.ClosedByServer : DeviceEnd.Reset);
                }

                return;
            }

            events.OnReceived(buffer[..received]);

            // A short read has emptied the socket, unless the end of the stream is behind it.
            if (Generation != generation || (received < buffer.Length && !ended))
            {
                return;
            }
        }
    }

    private int SendNow(ReadOnlySpan<byte> bytes)
    {
        int total = 0;
        while (total < bytes.Length)
        {
            int sent = LinuxSocket.Send(_descriptor, bytes[total..]);
            if (sent == -LinuxError.Again)
            {
                break;
            }

            if (sent < 0)
            {
                events.OnEnded(DeviceEnd.Reset);
                break;
            }

            total += sent;
            events.OnSent(sent);
        }

        return total;
    }
}
