using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>Closes one connection. The reason is shown on the device.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KickBody(string? Reason);

/// <summary>Closes the matching connections, <paramref name="Rate"/> a second.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KickManyBody(DeviceFilter? Filter, int? Rate, string? Reason);

/// <summary>A text to show or to speak.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MessageBody(DeviceMessageKind? Kind, string? Text);

/// <summary>A text for the matching devices, sent to <paramref name="Rate"/> a second.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MessageManyBody(DeviceFilter? Filter, DeviceMessageKind? Kind, string? Text, int? Rate);

/// <summary>All tags of a device; an empty list removes them.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TagsBody(string[]? Tags);

/// <summary>Bans a device or an address (CIDR for a network), for some minutes or without an end.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BanBody(string? Device, string? Address, int? Minutes, string? Reason);

/// <summary>The six digits that a device shows or speaks.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ActivationBody(string? Code);

/// <summary>Changes a log level, for some minutes or until the end of the process. Without a level the change is removed.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LogLevelBody(string? Category, LogLevel? Level, int? Minutes);
