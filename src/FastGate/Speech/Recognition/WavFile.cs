using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FastGate.Speech.Recognition;

/// <summary>A WAV file of 16-bit mono sound: the form that every transcription server reads.</summary>
internal static class WavFile
{
    private const int HeaderSize = 44;

    public static byte[] Create(ReadOnlySpan<short> samples, int sampleRate)
    {
        ReadOnlySpan<byte> data = MemoryMarshal.AsBytes(samples);
        byte[] file = new byte[HeaderSize + data.Length];
        Span<byte> header = file;
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], HeaderSize - 8 + data.Length);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], data.Length);
        data.CopyTo(header[HeaderSize..]);
        return file;
    }
}
