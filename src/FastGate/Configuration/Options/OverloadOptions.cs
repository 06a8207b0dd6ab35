using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>When the server counts as overloaded: it then refuses new devices, so that it can serve those that it has.</summary>
internal sealed record OverloadOptions : IOptionSection
{
    /// <summary>
    /// Used memory in percent of the container's limit, or without one of what the garbage collector may use; 0 for no limit. Page cache that the kernel can
    /// give back does not count.
    /// </summary>
    [WholeNumber(0, 100)]
    public int MemoryPercent { get; init; } = 90;

    /// <summary>
    /// Processor time of the busiest event loop in percent of one processor, over ten seconds; without event loops that of the process in percent of all processors.
    /// 0 for no limit.
    /// </summary>
    [WholeNumber(0, 100)]
    public int LoopPercent { get; init; } = 98;
}
