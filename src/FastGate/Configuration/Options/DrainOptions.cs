using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>How long a stop may take; in total below the ten seconds that <c>docker stop</c> grants.</summary>
internal sealed record DrainOptions : IOptionSection
{
    /// <summary>How long a stop waits for turns in progress and for the writing of the history.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>Time between "not ready" and the first refused connection, for load balancers that poll.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan LoadBalancerWait { get; init; } = TimeSpan.Zero;
}
