namespace FastGate.FunctionalTests.Server;

/// <summary>How long a test waits before it calls something hung. No result depends on these lengths.</summary>
public static class Deadline
{
    /// <summary>For anything that is a matter of milliseconds when it works.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    /// <summary>For foreign programs, which may take long to start on a busy machine.</summary>
    public static readonly TimeSpan Program = TimeSpan.FromSeconds(90);
}
