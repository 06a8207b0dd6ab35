using System.Net;

namespace FastGate.Http.Admin;

/// <summary>What a filter looks at. Null where it is not known.</summary>
internal readonly record struct DeviceFacts(
    string Id, IPAddress? Address, double AgeSeconds, string? Firmware = null, string? Board = null, IReadOnlyCollection<string>? Tags = null);
