using FastGate.Diagnostics;
using FastGate.Speech.Settings;

namespace FastGate.Speech;

/// <summary>
/// Bounds the calls to one speech provider and spares a failed one: after three failures in a row it is asked again only every few seconds, by one
/// call. Any thread.
/// </summary>
internal sealed class SpeechGuard(SpeechProviderSettings settings, SpeechMetrics metrics, TimeProvider time)
{
    private const int Threshold = 3;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private int _inUse;
    private int _failures;
    private long _retryAt;
    private volatile string? _lastError;

    public SpeechProviderSettings Settings { get; } = settings;

    public bool IsOpen => Volatile.Read(ref _failures) >= Threshold;

    /// <summary>Calls in progress.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>The last failure, also when calls have succeeded since.</summary>
    public string? LastError => _lastError;

    /// <summary>Takes a slot. Each success must be followed by one <see cref="Leave"/>.</summary>
    /// <exception cref="SpeechProviderException">The provider is spared, or all of its slots are in use.</exception>
    public void Enter()
    {
        if (IsOpen && !MayRetry())
        {
            throw new SpeechProviderException($"{Settings.Alias}: not asked after {Threshold} failures");
        }

        if (Interlocked.Increment(ref _inUse) > Settings.MaxConcurrency)
        {
            Interlocked.Decrement(ref _inUse);
            throw new SpeechProviderException($"{Settings.Alias}: all {Settings.MaxConcurrency} slots are in use") { IsBusy = true };
        }
    }

    /// <param name="succeeded">Null for a call that was cancelled, which says nothing about the provider.</param>
    /// <param name="error">The reason of a failure.</param>
    public void Leave(bool? succeeded, string? error = null)
    {
        Interlocked.Decrement(ref _inUse);
        switch (succeeded)
        {
            case true:
                Volatile.Write(ref _failures, 0);
                break;
            case false:
                _lastError = error ?? _lastError;
                metrics.ProviderFailed(Settings.Alias);
                Volatile.Write(ref _retryAt, time.GetTimestamp() + (long)(s_retry.TotalSeconds * time.TimestampFrequency));
                Interlocked.Increment(ref _failures);
                break;
        }
    }

    /// <summary>True for one call when the time has come.</summary>
    private bool MayRetry()
    {
        long at = Volatile.Read(ref _retryAt);
        long now = time.GetTimestamp();
        long next = now + (long)(s_retry.TotalSeconds * time.TimestampFrequency);
        return now >= at && Interlocked.CompareExchange(ref _retryAt, next, at) == at;
    }
}
