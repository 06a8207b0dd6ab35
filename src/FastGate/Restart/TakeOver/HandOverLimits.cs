namespace FastGate.Restart.TakeOver;

/// <summary>Bounds of a hand-over to another process.</summary>
internal sealed record HandOverLimits
{
    /// <summary>The most connections of one batch: one descriptor of a message carries their states.</summary>
    public const int Batch = Transport.Linux.DescriptorSocket.MaxDescriptors - 1;

    /// <summary>The connections of the first stage. When they end the new process, the running server keeps all others.</summary>
    public const int Canary = 10;

    /// <summary>Stages in which ownership passes: the canary, and all others.</summary>
    public const int Stages = 2;

    /// <summary>How long either side waits for the next frame.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the running server sends <see cref="HandOverFrameKind.Wait"/>.</summary>
    public TimeSpan WaitEvery { get; init; } = TimeSpan.FromSeconds(1);
}
