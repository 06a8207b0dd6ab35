namespace FastGate.Http.Admin;

/// <summary>The answer to an accepted <c>POST /api/v1/restart</c>. The restart is over when <c>GET</c> reports more restarts, or a later refusal.</summary>
internal sealed record RestartAnswer(long Restarts, DateTimeOffset At);

/// <summary><c>GET /api/v1/restart</c>.</summary>
/// <param name="Restarts">Restarts in place since the process was started.</param>
/// <param name="Last">The last one.</param>
/// <param name="Refused">The last one that did not happen, since the last one that did.</param>
internal sealed record RestartReport(long Restarts, RestartResult? Last, RefusedRestart? Refused);

/// <summary>What a restart did.</summary>
/// <param name="At">When its connections were served again.</param>
/// <param name="Connections">Connections that were kept.</param>
/// <param name="Closed">Connections that could not be kept.</param>
/// <param name="Bytes">Size of the state.</param>
/// <param name="GapMs">For how long no connection was served.</param>
/// <param name="TurnsWaited">Turns in progress that ended by themselves.</param>
/// <param name="TurnsCut">Turns that were ended after the wait.</param>
internal sealed record RestartResult(DateTimeOffset At, int Connections, int Closed, long Bytes, long GapMs, int TurnsWaited, int TurnsCut);

internal sealed record RefusedRestart(DateTimeOffset At, string Reason);
