using FastGate.Llm.Catalog;
using FastGate.Memory;

namespace FastGate.Http.Admin;

/// <summary>What the admin room asks of the rooms below; the wiring answers. Called rarely and from any thread; nothing here may block a loop.</summary>
internal interface IGatewayStatus
{
    StatusReport Status();

    int DeviceCount { get; }

    /// <summary>The ids of the devices connected now, in no order. Enumerating stops no writer.</summary>
    IEnumerable<string> DeviceIds { get; }

    /// <summary>Null when no such device is connected.</summary>
    DeviceReport? Device(string deviceId);

    /// <summary>Secrets are masked by who answers.</summary>
    IReadOnlyList<LlmExplanation> Llm();

    /// <summary>The turns after <paramref name="afterId"/> (0: from the first), oldest first. May throw when the store is in trouble.</summary>
    Task<MemoryPage> MemoryAsync(string deviceId, long afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets a device; returns how many turns there were. May throw when the store is in trouble.</summary>
    Task<int> EraseMemoryAsync(string deviceId, CancellationToken cancellationToken);
}
