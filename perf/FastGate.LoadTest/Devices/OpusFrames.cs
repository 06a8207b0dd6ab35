namespace FastGate.LoadTest.Devices;

/// <summary>Random bytes of the size of a device's audio frames: 60 ms of Opus at 16 kHz, 60 to 250 bytes.</summary>
internal static class OpusFrames
{
    public const int MillisecondsPerFrame = 60;
    public const long NanosecondsPerFrame = MillisecondsPerFrame * 1_000_000L;
    public const int MinSize = 60;
    public const int MaxSize = 250;

    private static readonly byte[] s_noise = MakeNoise();

    public static ReadOnlySpan<byte> Next(ref DeviceRandom random)
    {
        int size = MinSize + random.Below(MaxSize - MinSize + 1);
        return s_noise.AsSpan(random.Below(s_noise.Length - size), size);
    }

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[4096];
        var random = new DeviceRandom(1, 1);
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)random.Below(256);
        }

        return noise;
    }
}
