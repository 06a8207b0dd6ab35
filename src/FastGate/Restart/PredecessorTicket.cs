using System.Globalization;

namespace FastGate.Restart;

/// <summary>
/// What a process hands to its successor in the environment: who is to end first, the descriptor on which to say "I wait", and how long the
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
            || !int.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out int patience))
        {
            return false;
        }

        ticket = new PredecessorTicket(processId, ready, TimeSpan.FromMilliseconds(patience));
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ProcessId} {ReadyDescriptor} {(long)Timeout.TotalMilliseconds}");
}
