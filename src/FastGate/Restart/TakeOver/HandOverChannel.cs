using System.Buffers.Binary;
using System.Text;
using FastGate.Transport.Linux;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// Frames between the running server and the new process: a header of 16 bytes (magic, kind, version, number of descriptors, sequence, length of
/// the body, all little-endian), then the body. Descriptors travel with the header. One thread at a time.
/// </summary>
internal sealed class HandOverChannel(DescriptorSocket socket) : IDisposable
{
    public const int MaxBody = 4096;
    private const int HeaderSize = 16;
    private const uint Magic = 0x4F484746;
    private const byte Version = 1;

    public PeerCredentials Peer => socket.Peer;

    public void Send(HandOverFrameKind kind, int sequence, ReadOnlySpan<byte> body, ReadOnlySpan<int> descriptors, TimeSpan limit)
    {
        byte[] bytes = new byte[HeaderSize + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = (byte)kind;
        bytes[5] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)descriptors.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), body.Length);
        body.CopyTo(bytes.AsSpan(HeaderSize));
        socket.Send(bytes, descriptors, limit);
    }

    public void SendText(HandOverFrameKind kind, string text, TimeSpan limit)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        Send(kind, 0, body.AsSpan(0, Math.Min(body.Length, MaxBody)), [], limit);
    }

    /// <summary>Throws <see cref="IOException"/> for what is no frame, and <see cref="HandOverRefusedException"/> for <see cref="HandOverFrameKind.Refuse"/>.</summary>
    public HandOverFrame Receive(TimeSpan limit)
    {
        var descriptors = new List<int>();
        try
        {
            byte[] header = new byte[HeaderSize];
            socket.ReceiveAll(header, descriptors, limit);
            int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || length is < 0 or > MaxBody)
            {
                throw new IOException("the other process does not speak the protocol of the hand-over");
            }

            if (header[5] != Version)
            {
                throw new IOException($"the other process speaks version {header[5]} of the hand-over's protocol, this one version {Version}");
            }

            byte[] body = new byte[length];
            socket.ReceiveAll(body, descriptors, limit);
            if (descriptors.Count != BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(6)))
            {
                throw new IOException("descriptors of a frame were lost");
            }

            var frame = new HandOverFrame((HandOverFrameKind)header[4], BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)), body, descriptors);
            return frame.Kind == HandOverFrameKind.Refuse ? throw new HandOverRefusedException(frame.Text) : frame;
        }
        catch
        {
            descriptors.ForEach(static descriptor => LinuxSocket.Close(descriptor));
            throw;
        }
    }

    /// <summary>Receives the one frame that is due.</summary>
    public HandOverFrame Receive(HandOverFrameKind kind, int sequence, TimeSpan limit)
    {
        HandOverFrame frame = Receive(limit);
        if (frame.Kind == kind && frame.Sequence == sequence)
        {
            return frame;
        }

        frame.CloseDescriptors();
        throw new IOException($"the other process sent {frame.Kind} {frame.Sequence} and not {kind} {sequence}");
    }

    public void Dispose() => socket.Dispose();
}
