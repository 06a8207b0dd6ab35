namespace FastGate.Cluster;

/// <summary>
/// The delivery of the commands of one device that is connected here: at most one loop at a time. A report that comes while the loop runs makes it look
/// again, and one that comes after the drain was removed is refused, so that no report is lost.
/// </summary>
internal sealed class CommandDrain(string deviceId)
{
    private const int Resting = 0;
    private const int Running = 1;
    private const int Raised = 2;
    private const int Removed = 3;

    // Changed by compare-and-swap. Only the loop leaves Running and Raised.
    private int _state;

    public string DeviceId => deviceId;

    /// <summary>Of the command that is being taken. Owned by the loop.</summary>
    public string Token { get; private set; } = Guid.NewGuid().ToString("N");

    /// <summary>The command has ended, or was returned.</summary>
    public void RenewToken() => Token = Guid.NewGuid().ToString("N");

    /// <summary>Reports that there may be something to do: true when the caller must start the loop, null when the drain was removed. Any thread.</summary>
    public bool? TryRaise()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state is Raised or Removed)
            {
                return state == Raised ? false : null;
            }

            if (Interlocked.CompareExchange(ref _state, state == Resting ? Running : Raised, state) == state)
            {
                return state == Resting;
            }
        }
    }

    /// <summary>Ends the loop until the next report. False when there was one: the loop looks again.</summary>
    public bool TryRest() => TryLeave(Resting);

    /// <summary>Ends the loop and the drain. False when there was a report: the loop looks again.</summary>
    public bool TryRemove() => TryLeave(Removed);

    private bool TryLeave(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Running) == Running)
        {
            return true;
        }

        // Raised, which nothing but this loop changes.
        Volatile.Write(ref _state, Running);
        return false;
    }
}
