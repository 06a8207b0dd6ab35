using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FastGate.Speech.Recognition;

/// <summary>A WAV file of 16-bit mono sound: the form that every transcription server reads.</summary>
internal static class WavFile
{
    public const int HeaderSize = 44;

    /// <summary>The file of these samples.</summary>
    public static byte[] Create(ReadOnlySpan<short> samples, int sampleRate)
    {
        ReadOnlySpan<byte> data = MemoryMarshal.AsBytes(samples);
        byte[] file = new byte[HeaderSize + data.Length];
        WriteHeader(file, data.Length, sampleRate);
        data.CopyTo(file.AsSpan(HeaderSize));
        return file;
    }

    /// <summary>Writes <see cref="HeaderSize"/> bytes; the samples follow.</summary>
    public static void WriteHeader(Span<byte> header, int dataSize, int sampleRate)
    {
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], HeaderSize - 8 + dataSize);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], dataSize);
    }
}
