namespace FastGate.Http.Admin;

/// <summary>The addresses really bound, and who carries the device door's bytes.</summary>
internal sealed record ListenersReport(string Devices, string Http, string Admin, string Transport);
