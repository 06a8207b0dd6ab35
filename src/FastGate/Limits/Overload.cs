namespace FastGate.Limits;

/// <summary>The level in force. Written by the watch; read by any thread.</summary>
internal sealed class Overload
{
    private volatile OverloadLevel _level;
    private volatile string? _reason;

    public OverloadLevel Level => _level;

    /// <summary>What is overloaded; null at no level.</summary>
    public string? Reason => _reason;

    public void Set(OverloadLevel level, string? reason)
    {
        _reason = reason;
        _level = level;
    }
}
