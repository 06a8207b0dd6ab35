namespace FastGate.Tests.Transport;

/// <summary>Whose pipe a contract test runs on. The framework's own is the oracle. Public because it is the argument of theories.</summary>
public enum PipeKind
{
    Framework,

    /// <summary>The loop's, used on its loop.</summary>
    OnLoop,

    /// <summary>The loop's, used from the thread pool.</summary>
    OffLoop,
}
