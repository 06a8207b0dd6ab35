namespace FastGate.Admin;

/// <summary>The addresses really bound, and who carries the device door's bytes.</summary>
internal sealed record DoorsReport(string Devices, string Http, string Admin, string Transport);
