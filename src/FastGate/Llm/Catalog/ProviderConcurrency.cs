namespace FastGate.Llm.Catalog;

/// <summary>
/// Limits the concurrent calls to one server, over all of its models. Background calls get at most a quarter of the slots, so that summaries
/// do not delay users.
/// </summary>
internal sealed class ProviderConcurrency(int maxConcurrency)
{
    private const int BackgroundShare = 4;

    // Neither semaphore is disposed: a late release must not throw.
    public SemaphoreSlim Slots { get; } = new(maxConcurrency, maxConcurrency);

    public SemaphoreSlim BackgroundSlots { get; } = new(Math.Max(1, maxConcurrency / BackgroundShare), Math.Max(1, maxConcurrency / BackgroundShare));

    /// <summary>Calls that have a slot.</summary>
    public int InFlight => maxConcurrency - Slots.CurrentCount;

    /// <summary>Takes a slot if one is free; does not wait.</summary>
    public bool TryEnter(bool background)
    {
        if (background && !BackgroundSlots.Wait(0, CancellationToken.None))
        {
            return false;
        }

        if (Slots.Wait(0, CancellationToken.None))
        {
            return true;
        }

        ReleaseBackground(background);
        return false;
    }

    /// <summary>
    /// Waits for a slot; holds none when it throws. A background call waits for its background slot first, so that it never holds a slot that
    /// a user could have.
    /// </summary>
    public async Task EnterAsync(bool background, CancellationToken cancellationToken)
    {
        if (background)
        {
            await BackgroundSlots.WaitAsync(cancellationToken);
        }

        try
        {
            await Slots.WaitAsync(cancellationToken);
        }
        catch
        {
            ReleaseBackground(background);
            throw;
        }
    }

    public void Leave(bool background)
    {
        Slots.Release();
        ReleaseBackground(background);
    }

    private void ReleaseBackground(bool background)
    {
        if (background)
        {
            BackgroundSlots.Release();
        }
    }
}
