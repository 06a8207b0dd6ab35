using System.Text.Json.Serialization;

namespace FastGate.Http.Admin;

/// <summary>
/// Closes all devices of a node, <paramref name="Rate"/> a second. <paramref name="Reboot"/> restarts them, so that they ask OTA for another node; without it
/// this is done on a node that has an address of its own (<c>Cluster:Url</c>).
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NodeDrainBody(int? Rate, bool? Reboot);
