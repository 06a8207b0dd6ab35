namespace FastGate.Http.Ota;

/// <summary>Answered with status 200, as the devices' old server does: any other status is a network failure to them, to be tried again.</summary>
internal sealed record OtaRefusal(bool Success, string Message);
