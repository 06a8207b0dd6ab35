using System.Net.Sockets;

namespace FastGate.Transport.Linux;

/// <summary>
/// A connected Unix socket that carries descriptors beside its bytes. One thread at a time may send, and one receive. Every call blocks
/// up to its limit and then throws <see cref="TimeoutException"/>.
/// </summary>
/// <remarks>
/// The kernel drops descriptors without an error when their bytes are read by <c>recv</c>; therefore every read here is a <c>recvmsg</c> with
/// room for descriptors. A read ends behind the bytes that descriptors came with; it may begin before them. A reader that wants to know which
/// message the descriptors belong to reads exact lengths.
/// </remarks>
internal sealed unsafe class DescriptorSocket : IDisposable
{
    /// <summary>The most descriptors of one message; the kernel allows three more.</summary>
    public const int MaxDescriptors = 250;

    private const int UnixFamily = 1;
    private const int StreamCloseOnExec = 0x80001;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private const int ControlTruncated = 0x8;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int PeerCredentialsOption = 17;
    private const short ReadReady = 0x1;
    private const short WriteReady = 0x4;

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly int _capacity;

    /// <param name="socket">Connected, or bound to receive datagrams; this object owns it.</param>
    /// <param name="capacity">The most descriptors that one received message may carry.</param>
    public DescriptorSocket(Socket socket, int capacity = MaxDescriptors)
    {
        _socket = socket;
        _descriptor = (int)socket.Handle;
        _capacity = capacity;
    }

    /// <summary>Two connected ends: one, and the descriptor of the other, which the caller owns.</summary>
    public static (DescriptorSocket Socket, int Other) CreatePair()
    {
        int* pair = stackalloc int[2];
        LinuxError.ThrowIfError(LibC.ResultOrError(LibC.SocketPair(UnixFamily, StreamCloseOnExec, 0, pair)), "socketpair");
        return (new DescriptorSocket(new Socket(new SafeSocketHandle(pair[0], ownsHandle: true))), pair[1]);
    }

    public PeerCredentials Peer
    {
        get
        {
            // struct ucred { pid, uid, gid }
            int* credentials = stackalloc int[3];
            uint length = 3 * sizeof(int);
            LinuxError.ThrowIfError(
                LibC.ResultOrError(LibC.GetSocketOption(_descriptor, SocketLevel, PeerCredentialsOption, credentials, &length)), "getsockopt");
            return new PeerCredentials(credentials[0], (uint)credentials[1]);
        }
    }

    /// <summary>Sends all bytes; the descriptors travel with the first of them and stay open here.</summary>
    /// <param name="bytes">At least one.</param>
    /// <param name="descriptors">At most <see cref="MaxDescriptors"/>.</param>
    /// <param name="limit">The time for the whole call.</param>
    public void Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (bytes.Length > 0)
        {
            int sent = SendOnce(bytes, descriptors);
            if (sent == -LinuxError.Again)
            {
                Wait(WriteReady, deadline);
                continue;
            }

            ThrowIfFailed(sent, "sendmsg");
            bytes = bytes[sent..];
            descriptors = [];
        }
    }

    /// <summary>Fills the buffer, and appends the descriptors that came with these bytes.</summary>
    public void ReceiveAll(Span<byte> buffer, List<int> descriptors, TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (buffer.Length > 0)
        {
            int received = Receive(buffer, descriptors, TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64)));
            if (received == 0)
            {
                throw new PeerClosedException();
            }

            buffer = buffer[received..];
        }
    }

    /// <summary>Receives some bytes, and appends the descriptors that came with them.</summary>
    /// <returns>The number of bytes; 0 when the peer has closed its end and everything it had sent has been received.</returns>
    public int Receive(Span<byte> buffer, List<int> descriptors, TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            int received = ReceiveOnce(buffer, descriptors);
            if (received == -LinuxError.Again)
            {
                Wait(ReadReady, deadline);
                continue;
            }

            // A peer that ended with unread bytes resets the connection; the kernel reports that after the last byte it had sent.
            if (received == -LinuxError.ConnectionReset)
            {
                return 0;
            }

            ThrowIfFailed(received, "recvmsg");
            return received;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static void ThrowIfFailed(int result, string call)
    {
        if (result is -LinuxError.BrokenPipe or -LinuxError.ConnectionReset)
        {
            throw new PeerClosedException();
        }

        LinuxError.ThrowIfError(result, call);
    }

    private int SendOnce(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        byte* control = stackalloc byte[ControlSpace(MaxDescriptors)];
        fixed (byte* start = bytes)
        {
            var piece = new LinuxSocket.IoVector { Start = start, Length = (nuint)bytes.Length };
            var message = new LibC.MessageHeader { Pieces = &piece, PieceCount = 1 };
            if (descriptors.Length > 0)
            {
                var header = (ControlHeader*)control;
                header->Length = (nuint)(sizeof(ControlHeader) + descriptors.Length * sizeof(int));
                header->Level = SocketLevel;
                header->Type = Rights;
                descriptors.CopyTo(new Span<int>(header + 1, descriptors.Length));
                message.Control = control;
                message.ControlLength = (nuint)ControlSpace(descriptors.Length);
            }

            int result;
            do
            {
                result = LibC.ResultOrError(LibC.SendMessage(_descriptor, &message, NoSignal | DontWait));
            }
            while (result == -LinuxError.Interrupted);

            return result;
        }
    }

    private int ReceiveOnce(Span<byte> buffer, List<int> descriptors)
    {
        byte* control = stackalloc byte[ControlSpace(_capacity)];
        fixed (byte* start = buffer)
        {
            var piece = new LinuxSocket.IoVector { Start = start, Length = (nuint)buffer.Length };
            var message = new LibC.MessageHeader { Pieces = &piece, PieceCount = 1 };
            int result;
            do
            {
                message.Control = control;
                message.ControlLength = (nuint)ControlSpace(_capacity);
                result = LibC.ResultOrError(LibC.ReceiveMessage(_descriptor, &message, CloseOnExec | DontWait));
            }
            while (result == -LinuxError.Interrupted);

            if (result >= 0)
            {
                TakeDescriptors(message, descriptors);
            }

            return result;
        }
    }

    /// <summary>Appends the received descriptors. When the kernel has dropped some, the others of the message are closed.</summary>
    private static void TakeDescriptors(in LibC.MessageHeader message, List<int> descriptors)
    {
        int before = descriptors.Count;
        byte* next = (byte*)message.Control;
        byte* end = next + message.ControlLength;
        while (end - next >= sizeof(ControlHeader))
        {
            var header = (ControlHeader*)next;
            if (header->Level == SocketLevel && header->Type == Rights)
            {
                int count = ((int)header->Length - sizeof(ControlHeader)) / sizeof(int);
                descriptors.AddRange(new ReadOnlySpan<int>(header + 1, count));
            }

            next += Align(Math.Max((int)header->Length, sizeof(ControlHeader)));
        }

        if ((message.Flags & ControlTruncated) != 0)
        {
            foreach (int descriptor in descriptors.Skip(before))
            {
                LinuxSocket.Close(descriptor);
            }

            descriptors.RemoveRange(before, descriptors.Count - before);
            throw new IOException("descriptors of a message were lost: the process has none left, or the message carried too many");
        }
    }

    private void Wait(short events, long deadline)
    {
        long left = deadline - Environment.TickCount64;
        if (left <= 0)
        {
            throw new TimeoutException("the other process does not answer in time");
        }

        // Interrupted or not, the caller tries its call again.
        var record = new LibC.PollRecord { Descriptor = _descriptor, Events = events };
        _ = LibC.Poll(&record, 1, (int)Math.Min(left, int.MaxValue));
    }

    private static int ControlSpace(int descriptors) => sizeof(ControlHeader) + Align(descriptors * sizeof(int));

    private static int Align(int length) => (length + sizeof(nuint) - 1) & -sizeof(nuint);

    /// <summary>struct cmsghdr</summary>
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
