using FastGate.Configuration.Options;

namespace FastGate.Limits;

/// <summary>
/// The level of overload from one reading a second. A level begins when a limit was exceeded for some seconds, and ends, one level at a time, when all readings
/// were clearly below the limits for as long as a recovery takes: between the two it stays. One owner.
/// </summary>
internal sealed class OverloadRule
{
    /// <summary>Memory runs out at once, while a loop may be busy for some seconds without harm.</summary>
    public const int MemorySeconds = 3;

    public const int LoopSeconds = 10;

    /// <summary>Until then the listener alone refuses new devices, and accepts the next one as soon as a descriptor is free.</summary>
    public const int DescriptorSeconds = 10;

    /// <summary>From one level to the next.</summary>
    public const int NextSeconds = 10;

    public const int RecoverySeconds = 10;

    /// <summary>How far below its limit a reading counts as recovered; at a low limit half of it, so that it can recover at all.</summary>
    private const double Gap = 0.1;

    private const int AllDescriptors = 100;

    private int _memorySeconds;
    private int _loopSeconds;
    private int _descriptorSeconds;
    private int _levelSeconds;
    private int _recoveredSeconds;

    public OverloadLevel Level { get; private set; }

    /// <summary>What is overloaded, for readiness and log; null at no level.</summary>
    public string? Reason { get; private set; }

    public OverloadLevel Step(OverloadReading reading, OverloadOptions options)
    {
        bool isMemoryOver = IsOver(reading.Memory, options.MemoryPercent, gap: 0);
        bool isLoopOver = IsOver(reading.Loop, options.LoopPercent, gap: 0);
        bool areDescriptorsOver = IsOver(reading.Descriptors, AllDescriptors, gap: 0);
        _memorySeconds = isMemoryOver ? _memorySeconds + 1 : 0;
        _loopSeconds = isLoopOver ? _loopSeconds + 1 : 0;
        _descriptorSeconds = areDescriptorsOver ? _descriptorSeconds + 1 : 0;
        bool isOver = isMemoryOver || isLoopOver || areDescriptorsOver;
        bool isRecovered = !IsOver(reading.Memory, options.MemoryPercent, Gap) && !IsOver(reading.Loop, options.LoopPercent, Gap) && !IsOver(reading.Descriptors, AllDescriptors, Gap);
        _recoveredSeconds = isRecovered ? _recoveredSeconds + 1 : 0;
        _levelSeconds = isOver ? _levelSeconds + 1 : 0;
        if (Level == OverloadLevel.None)
        {
            if (_memorySeconds >= MemorySeconds || _loopSeconds >= LoopSeconds || _descriptorSeconds >= DescriptorSeconds)
            {
                Change(OverloadLevel.NewDevices);
            }
        }
        else if (_recoveredSeconds >= RecoverySeconds)
        {
            Change(Level - 1);
        }
        else if (Level == OverloadLevel.NewDevices && _levelSeconds >= NextSeconds)
        {
            Change(OverloadLevel.IdleDevices);
        }

        if (Level == OverloadLevel.None)
        {
            Reason = null;
        }
        else if (isOver)
        {
            Reason = isMemoryOver ? FormattableString.Invariant($"memory at {reading.Memory * 100:F0} % of its limit")
                : isLoopOver ? FormattableString.Invariant($"processor time at {reading.Loop * 100:F0} %")
                : "no descriptor is left for another device";
        }

        return Level;
    }

    private void Change(OverloadLevel level)
    {
        Level = level;
        _levelSeconds = 0;
        _recoveredSeconds = 0;
    }

    private static bool IsOver(double share, int percent, double gap) => percent > 0 && share >= (percent / 100.0) - Math.Min(gap, percent / 200.0);
}
