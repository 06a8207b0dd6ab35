namespace FastGate.Tests.CommandLine;

/// <summary>A request that a <see cref="FakeAdminServer"/> received.</summary>
internal sealed record FakeAdminRequest(string Method, string Target, string Body, string? Authorization, string? RequestId);
