namespace FastGate.HandOver;

/// <summary>Listening sockets of one listener.</summary>
/// <param name="Name">"devices", "http" or "admin".</param>
/// <param name="Descriptors">Several for a device listener with one socket for each event loop.</param>
internal sealed record ListenerState(string Name, IReadOnlyList<int> Descriptors);
