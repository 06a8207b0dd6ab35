using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Protocol.Tests.Framing;

/// <summary>Builds the bytes of a client's frames without the tested writer.</summary>
internal sealed class Wire
{
    public const uint Key = 0xA1B2_C3D4;

    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public static byte[] Frame(Opcode opcode, string text, bool fin = true) => Frame(opcode, Encoding.UTF8.GetBytes(text), fin);

    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, uint key = Key)
    {
        byte[] header = Header((byte)((fin ? 0x80 : 0) | (int)opcode), payload.Length, key);
        byte[] frame = new byte[header.Length + payload.Length];
        header.CopyTo(frame, 0);
        for (int i = 0; i < payload.Length; i++)
        {
            frame[header.Length + i] = (byte)(payload[i] ^ (byte)(key >> ((i & 3) * 8)));
        }

        return frame;
    }

    /// <summary>A masked header with the minimal form of the length.</summary>
    public static byte[] Header(byte first, long length, uint key = Key)
    {
        List<byte> header = [first];
        if (length < 126)
        {
            header.Add((byte)(0x80 | length));
        }
        else if (length < 65536)
        {
            header.AddRange([0x80 | 126, (byte)(length >> 8), (byte)length]);
        }
        else
        {
            header.Add(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8)
            {
                header.Add((byte)(length >> shift));
            }
        }

        for (int shift = 0; shift < 32; shift += 8)
        {
            header.Add((byte)(key >> shift));
        }

        return [.. header];
    }

    public Wire Add(Opcode opcode, string text, bool fin = true) => Add(Frame(opcode, text, fin));

    public Wire Add(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true) => Add(Frame(opcode, payload, fin));

    public Wire Add(params ReadOnlySpan<byte> raw)
    {
        _bytes.AddRange(raw);
        return this;
    }
}
