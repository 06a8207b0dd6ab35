namespace FastGate.Http.Admin;

/// <summary>
/// An act as it is stored under its <c>Idempotency-Key</c>. <paramref name="Answer"/> is null when the process ended before the act was answered: then its
/// outcome is unknown.
/// </summary>
internal sealed record KeptAct(string Key, string Fingerprint, DateTimeOffset At, AdminAnswer? Answer);
