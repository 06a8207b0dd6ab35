using System.Text.Json.Serialization;

namespace FastGate.Http.Admin;

/// <summary>
/// Closes the matching devices, <paramref name="Rate"/> a second, with the close status <paramref name="Close"/>: 1001 (going away), after which the
/// firmware waits for its user, or 1012 (service restart), after which it connects again.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DrainBody(DeviceFilter? Filter, int? Rate, int? Close);
