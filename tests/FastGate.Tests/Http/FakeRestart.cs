using FastGate.Http.Admin;

namespace FastGate.Tests.Http;

/// <summary>Answers every request for a restart with <see cref="Refusal"/>.</summary>
internal sealed class FakeRestart : IGatewayRestart
{
    public string? Refusal { get; set; }

    public int Begun { get; private set; }

    public RestartReport Report() => new(
        3,
        new RestartResult(DateTimeOffset.UnixEpoch, 15_000, 2, 1_000_000, 90, 4, 1),
        Refusal is null ? null : new RefusedRestart(DateTimeOffset.UnixEpoch, Refusal));

    public void Begin(Action<string?> report)
    {
        Begun++;
        report(Refusal);
    }
}
