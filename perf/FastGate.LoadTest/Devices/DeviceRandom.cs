namespace FastGate.LoadTest.Devices;

/// <summary>Random numbers of one device, from the run's seed and the device's number, so that a run can be repeated.</summary>
internal struct DeviceRandom
{
    private ulong _state;

    public DeviceRandom(int seed, int number)
    {
        _state = ((ulong)(uint)seed << 32) | (uint)number;
        Next();
    }

    /// <summary>SplitMix64.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    public int Below(int bound) => (int)(((Next() >> 32) * (uint)bound) >> 32);

    /// <summary>From 0 to below 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));
}
