namespace FastGate.Diagnostics;

/// <summary>
/// How long the stages of one turn took, in milliseconds. A stage that the turn did not have or reach is null. <paramref name="AnswerMs"/> is the time from
/// the last voice of the user to the first sound of the reply.
/// </summary>
internal readonly record struct TurnTimes(
    DateTimeOffset At, string Outcome, int? EndpointMs, int? RecognitionMs, int? WaitMs, int? FirstTextMs, int? FirstSoundMs, int? AnswerMs, int TotalMs);
