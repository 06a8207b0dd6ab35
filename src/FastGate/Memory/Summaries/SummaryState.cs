namespace FastGate.Memory.Summaries;

/// <summary>Where a device stands with its summary. Belongs to <see cref="MemorySummarizer"/> and is touched under its lock only.</summary>
internal sealed class SummaryState
{
    /// <summary>Turns said since the last summary was asked for.</summary>
    public int Turns { get; set; }

    /// <summary>In the queue, or in hand.</summary>
    public bool Asked { get; set; }

    /// <summary>Asked for again while in hand.</summary>
    public bool Again { get; set; }

    /// <summary>The device has left; once nothing is asked for, it is forgotten here.</summary>
    public bool Gone { get; set; }
}
