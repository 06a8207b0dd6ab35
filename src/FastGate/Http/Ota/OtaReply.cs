using System.Text.Json.Serialization;

namespace FastGate.Http.Ota;

/// <summary>What a device reads at boot. It must never contain an <c>mqtt</c> object: a device that sees one ignores <c>websocket</c>.</summary>
internal sealed record OtaReply(OtaServerTime ServerTime, OtaFirmware Firmware, OtaWebSocket Websocket)
{
    /// <summary>Set while the device waits for an operator. The device shows the message, speaks the digits of the code and asks until it is confirmed.</summary>
    public OtaActivation? Activation { get; init; }
}

/// <summary>The device asks for its activation only when it has got a challenge, whose answer is not needed here: the operator has heard the code.</summary>
internal sealed record OtaActivation(string Code, string Message, string Challenge, int TimeoutMs);

/// <summary>The answer to a device that asks whether its code was confirmed.</summary>
internal sealed record OtaActivated(bool Success, string Message);

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
[JsonSerializable(typeof(OtaActivated))]
internal sealed partial class OtaJson : JsonSerializerContext;
