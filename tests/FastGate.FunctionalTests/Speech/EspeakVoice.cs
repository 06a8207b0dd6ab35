using System.Diagnostics;
using System.Runtime.InteropServices;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Speech;

/// <summary>The program <c>espeak-ng</c> as the user of a device.</summary>
internal static class EspeakVoice
{
    private const int HeaderBytes = 44;

    /// <summary>The sentence at a sample rate, with silence before and after it.</summary>
    public static async Task<short[]> SayAsync(string sentence, int sampleRate, int silenceMs)
    {
        using Process process = ExternalProgram.Start("espeak-ng", ["-v", "en-us", "--stdout", sentence]);
        process.StandardInput.Close();
        using MemoryStream wav = new();
        await process.StandardOutput.BaseStream.CopyToAsync(wav).WaitAsync(Deadline.Program);
        byte[] bytes = wav.ToArray();
        int sourceRate = BitConverter.ToInt32(bytes, 24);
        short[] silence = new short[sampleRate * silenceMs / 1000];
        return [.. silence, .. Resample(MemoryMarshal.Cast<byte, short>(bytes.AsSpan(HeaderBytes)), sourceRate, sampleRate), .. silence];
    }

    /// <summary>Linear interpolation, which is good enough for words to be recognised.</summary>
    public static short[] Resample(ReadOnlySpan<short> source, int from, int to)
    {
        short[] samples = new short[(int)((long)(source.Length - 1) * to / from)];
        for (int i = 0; i < samples.Length; i++)
        {
            double at = (double)i * from / to;
            int left = (int)at;
            samples[i] = (short)(source[left] + ((source[left + 1] - source[left]) * (at - left)));
        }

        return samples;
    }
}
