namespace FastGate.Http.Admin;

/// <summary><paramref name="Open"/> counts sockets, those still in their handshake too; <paramref name="Registered"/> counts devices.</summary>
internal sealed record ConnectionsReport(int Open, int Registered, int Limit, long FailedHandshakes);
