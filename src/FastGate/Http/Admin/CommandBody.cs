using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastGate.Http.Admin;

/// <summary>
/// A call of a device's tool (<paramref name="Tool"/> and <paramref name="Arguments"/>), or a message that is sent as it is (<paramref name="Raw"/>).
/// <paramref name="Timeout"/> is the seconds for the device's answer, <paramref name="Ttl"/> those that the command waits for its device.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CommandBody(string? Tool, JsonElement? Arguments, JsonElement? Raw, double? Timeout, double? Ttl);
