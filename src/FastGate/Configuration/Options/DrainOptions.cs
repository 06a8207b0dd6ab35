namespace FastGate.Configuration.Options;

/// <summary>How long a stop may take; the whole of it stays under the ten seconds that <c>docker stop</c> grants.</summary>
internal sealed record DrainOptions
{
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>Time between "not ready" and the first refusal, for load balancers that poll.</summary>
    public TimeSpan LoadBalancerWait { get; init; } = TimeSpan.Zero;
}
