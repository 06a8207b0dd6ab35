namespace FastGate.Tests.CommandLine;

/// <summary>A prepared answer of a <see cref="FakeAdminServer"/>.</summary>
internal sealed record FakeAdminAnswer(int Status, string Body, string Type = "application/json");
