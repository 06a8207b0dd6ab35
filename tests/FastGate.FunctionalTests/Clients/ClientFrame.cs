using System.Buffers.Binary;
using System.Text;

namespace FastGate.FunctionalTests.Clients;

/// <summary>
/// Builds valid and invalid client frames. Shares no code with the server, so that a defect in the server's writer is not repeated here.
/// </summary>
public static class ClientFrame
{
    private static readonly byte[] s_mask = [0x37, 0xfa, 0x21, 0x3d];

    public static byte[] Text(string text, bool fin = true) => Build(RawFrame.Text, Encoding.UTF8.GetBytes(text), fin);

    public static byte[] Close(int status, string reason = "") => Build(RawFrame.Close, ClosePayload(status, Encoding.UTF8.GetBytes(reason)));

    public static byte[] ClosePayload(int status, byte[] reason)
    {
        byte[] payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        reason.CopyTo(payload, 2);
        return payload;
    }

    /// <param name="opcode">The low four bits of the first byte.</param>
    /// <param name="payload">The payload before masking.</param>
    /// <param name="fin">True for the last frame of a message.</param>
    /// <param name="masked">False violates RFC 6455 5.1.</param>
    /// <param name="rsv">Reserved bits, 4 = RSV1 to 1 = RSV3.</param>
    /// <param name="lengthBytes">0, 2 or 8 bytes of extended length; null for the shortest form.</param>
    /// <param name="mask">Masking key; null for a fixed key.</param>
    public static byte[] Build(
        int opcode, byte[] payload, bool fin = true, bool masked = true, int rsv = 0, int? lengthBytes = null, byte[]? mask = null)
    {
        mask ??= s_mask;
        byte[] header = Header(opcode, (ulong)payload.Length, fin, masked, rsv, lengthBytes, mask);
        byte[] frame = new byte[header.Length + payload.Length];
        header.CopyTo(frame, 0);
        for (int i = 0; i < payload.Length; i++)
        {
            frame[header.Length + i] = masked ? (byte)(payload[i] ^ mask[i & 3]) : payload[i];
        }

        return frame;
    }

    /// <summary>A frame header without its payload.</summary>
    public static byte[] Header(
        int opcode, ulong length, bool fin = true, bool masked = true, int rsv = 0, int? lengthBytes = null, byte[]? mask = null)
    {
        int extended = lengthBytes ?? (length < 126 ? 0 : length <= ushort.MaxValue ? 2 : 8);
        List<byte> header = [(byte)((fin ? 0x80 : 0) | (rsv << 4) | opcode)];
        byte maskBit = (byte)(masked ? 0x80 : 0);
        switch (extended)
        {
            case 0:
                header.Add((byte)(maskBit | (byte)length));
                break;
            case 2:
                header.AddRange([(byte)(maskBit | 126), (byte)(length >> 8), (byte)length]);
                break;
            default:
                header.Add((byte)(maskBit | 127));
                for (int shift = 56; shift >= 0; shift -= 8)
                {
                    header.Add((byte)(length >> shift));
                }

                break;
        }

        if (masked)
        {
            header.AddRange(mask ?? s_mask);
        }

        return [.. header];
    }
}
