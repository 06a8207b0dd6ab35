using System.Text.Json.Serialization;

namespace FastGate.Http.Ota;

/// <summary>What a device reads at boot. It must never contain an <c>mqtt</c> object: a device that sees one ignores <c>websocket</c>.</summary>
internal sealed record OtaReply(OtaServerTime ServerTime, OtaFirmware Firmware, OtaWebSocket Websocket);

/// <summary>Milliseconds since 1970 in UTC, and the minutes that the device adds for its clock.</summary>
internal sealed record OtaServerTime(long Timestamp, int TimezoneOffset);

/// <summary>The version that the device already has, and an empty address: there is nothing to upgrade to.</summary>
internal sealed record OtaFirmware(string Version, string Url);

/// <summary>Where to connect and with which token. The device writes both to flash; an empty token erases the old one.</summary>
internal sealed record OtaWebSocket(string Url, string Token);

/// <summary>Sent with status 200, as the old server does: devices treat any other status as a network failure and retry.</summary>
internal sealed record OtaRefusal(bool Success, string Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OtaReply))]
[JsonSerializable(typeof(OtaRefusal))]
internal sealed partial class OtaJson : JsonSerializerContext;
