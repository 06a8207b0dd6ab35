namespace FastGate.Http.Ota;

/// <summary>Where to connect and with which token. The device writes both to flash, an empty token too, which erases an old one.</summary>
internal sealed record OtaWebSocket(string Url, string Token);
