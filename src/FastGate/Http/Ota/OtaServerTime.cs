namespace FastGate.Http.Ota;

/// <summary>Milliseconds since 1970 in UTC, and the minutes the device adds for its clock.</summary>
internal sealed record OtaServerTime(long Timestamp, int TimezoneOffset);
