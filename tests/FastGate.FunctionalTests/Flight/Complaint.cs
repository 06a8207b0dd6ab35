namespace FastGate.FunctionalTests.Flight;

/// <summary>What one broken client sends, and what an operator must learn about it.</summary>
/// <param name="What">The symptom.</param>
/// <param name="Bytes">What the client sends, each character one byte.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Remedy">A word of what to change; empty for a client that is no device.</param>
public sealed record Complaint(string What, string Bytes, string Verdict, string Remedy = "")
{
    /// <summary>What the client sends after the server's answer to its request.</summary>
    public string? Then { get; init; }

    /// <summary>The listener that gets it: devices, http or admin.</summary>
    public string Listener { get; init; } = "devices";

    /// <summary>The client waits for the server to end the connection.</summary>
    public bool Waits { get; init; }
}
