using FastGate.Llm.Catalog;
using FastGate.Memory;
using FastGate.Speech;
using FastGate.Tools.Servers;

namespace FastGate.Http.Admin;

/// <summary>What the admin endpoints read from the gateway. Called rarely and from any thread; nothing here may block an event loop.</summary>
internal interface IGatewayStatus
{
    StatusReport Status();

    /// <summary>
    /// The ids of the connected devices that match, in no order. Enumeration does not block writers. Throws <see cref="AdminProblemException"/> at once
    /// for a filter that is wrong.
    /// </summary>
    IEnumerable<string> Select(DeviceFilter filter);

    /// <summary>One line of the list. Null when the device is not connected.</summary>
    DeviceReport? Device(string deviceId);

    /// <summary>The device's page. Null when nothing is known about it.</summary>
    DeviceReport? DevicePage(string deviceId);

    /// <summary>The implementation masks secrets.</summary>
    IReadOnlyList<LlmExplanation> Llm();

    /// <summary>The implementation masks secrets.</summary>
    SpeechExplanation Speech();

    /// <summary>The operator's MCP servers with their state and their tools.</summary>
    IReadOnlyList<McpServerReport> McpServers();

    /// <summary>The turns after <paramref name="afterId"/> (0: from the first), oldest first. May throw when the store fails.</summary>
    Task<MemoryPage> MemoryAsync(string deviceId, long afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Erases a device's memory and returns the number of erased turns. May throw when the store fails.</summary>
    Task<int> EraseMemoryAsync(string deviceId, CancellationToken cancellationToken);
}
