namespace FastGate.FunctionalTests.Server;

/// <summary>Timeouts after which a test fails. No result depends on their length.</summary>
public static class Deadline
{
    /// <summary>For operations that take milliseconds when they succeed.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    /// <summary>For external programs, which may start slowly on a busy machine.</summary>
    public static readonly TimeSpan Program = TimeSpan.FromSeconds(90);
}
