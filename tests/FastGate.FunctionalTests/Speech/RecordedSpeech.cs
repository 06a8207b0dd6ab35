using System.Buffers.Binary;
using System.Diagnostics;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Speech;

/// <summary>A sound file for the fake microphone of a browser, which plays it again and again: synthesised speech and a pause.</summary>
internal sealed class RecordedSpeech : IDisposable
{
    private const int HeaderBytes = 44;
    private const int PauseSeconds = 4;

    private RecordedSpeech(byte[] wav)
    {
        Path = System.IO.Path.GetTempFileName();
        File.WriteAllBytes(Path, wav);
    }

    public string Path { get; }

    public static async Task<RecordedSpeech> MakeAsync(string sentence)
    {
        using Process process = ExternalProgram.Start("espeak-ng", ["-v", "en-us", "--stdout", sentence]);
        process.StandardInput.Close();
        using MemoryStream wav = new();
        await process.StandardOutput.BaseStream.CopyToAsync(wav).WaitAsync(Deadline.Program);
        byte[] spoken = wav.ToArray();
        return new RecordedSpeech(Wav(spoken.AsSpan(HeaderBytes), BinaryPrimitives.ReadInt32LittleEndian(spoken.AsSpan(24))));
    }

    public static RecordedSpeech Silence() => new(Wav([], 16_000));

    public void Dispose() => File.Delete(Path);

    /// <summary>16 bits, mono.</summary>
    private static byte[] Wav(ReadOnlySpan<byte> samples, int sampleRate)
    {
        byte[] file = new byte[HeaderBytes + samples.Length + (PauseSeconds * sampleRate * sizeof(short))];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), file.Length - HeaderBytes);
        samples.CopyTo(file.AsSpan(HeaderBytes));
        return file;
    }
}
