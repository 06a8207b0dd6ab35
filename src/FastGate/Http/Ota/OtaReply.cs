namespace FastGate.Http.Ota;

/// <summary>What a device reads at boot. Never with an <c>mqtt</c> object: a device that sees one ignores <c>websocket</c>.</summary>
internal sealed record OtaReply(OtaServerTime ServerTime, OtaFirmware Firmware, OtaWebSocket Websocket);
