using FastGate.Configuration.Validation;
using Microsoft.Extensions.Options;

namespace FastGate.Configuration.Options;

/// <summary>Limits of the work that runs outside a connection's event loop.</summary>
internal sealed record WorkerOptions : IOptionSection
{
    [ValidateObjectMembers]
    public ConversationWorkerOptions Conversation { get; init; } = new();

    [ValidateObjectMembers]
    public MemoryWorkerOptions Memory { get; init; } = new();
}

/// <summary>How many turns may wait, and how many may be answered at once.</summary>
internal sealed record ConversationWorkerOptions : IOptionSection
{
    /// <summary>Turns of all devices that may wait; a further one is answered by <c>Session:BusyText</c>.</summary>
    [WholeNumber(1, 1_000_000)]
    public int Queue { get; init; } = 4_096;

    /// <summary>Turns that are answered at once.</summary>
    [WholeNumber(1, 65_536)]
    public int Concurrency { get; init; } = 256;
}

/// <summary>How many turns may wait to be saved.</summary>
internal sealed record MemoryWorkerOptions : IOptionSection
{
    /// <summary>Turns that may wait to be saved; a further one is not saved.</summary>
    [WholeNumber(1, 10_000_000)]
    public int Queue { get; init; } = 65_536;
}
