using System.Globalization;

namespace FastGate.Restart;

/// <summary>
/// What a process passes to its successor in an environment variable: its process id, the descriptor to report readiness on, and how long its
/// end may take.
/// </summary>
internal readonly record struct PredecessorTicket(int ProcessId, int ReadyDescriptor, TimeSpan Timeout)
{
    public const string Variable = "FASTGATE_PREDECESSOR";

    public static bool TryParse(string? text, out PredecessorTicket ticket)
    {
        ticket = default;
        if (text?.Split(' ') is not [var id, var descriptor, var milliseconds]
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
            || !int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out int ready)
            || !int.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out int timeout))
        {
            return false;
        }

        ticket = new PredecessorTicket(processId, ready, TimeSpan.FromMilliseconds(timeout));
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ProcessId} {ReadyDescriptor} {(long)Timeout.TotalMilliseconds}");
}
