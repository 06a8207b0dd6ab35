namespace FastGate.Conversation;

/// <summary>
/// What an attempt holds of its provider's slots. A call in the background takes its place among those first: while it waits for that it must not
/// hold a slot a user could have.
/// </summary>
internal readonly record struct LlmSlots(bool Background, bool Call)
{
    /// <summary>Without waiting; holds nothing when it does not succeed.</summary>
    public static LlmSlots? TryEnter(LlmEndpoint endpoint, bool background)
    {
        if (background && !endpoint.BackgroundSlots.Wait(0, CancellationToken.None))
        {
            return null;
        }

        if (endpoint.Slots.Wait(0, CancellationToken.None))
        {
            return new LlmSlots(background, Call: true);
        }

        new LlmSlots(background, Call: false).Leave(endpoint);
        return null;
    }

    /// <summary>Waits; holds nothing when it ends with an exception.</summary>
    public static async Task<LlmSlots> EnterAsync(LlmEndpoint endpoint, bool background, CancellationToken cancellationToken)
    {
        if (background)
        {
            await endpoint.BackgroundSlots.WaitAsync(cancellationToken);
        }

        try
        {
            await endpoint.Slots.WaitAsync(cancellationToken);
        }
        catch
        {
            new LlmSlots(background, Call: false).Leave(endpoint);
            throw;
        }

        return new LlmSlots(background, Call: true);
    }

    public void Leave(LlmEndpoint endpoint)
    {
        if (Call)
        {
            endpoint.Slots.Release();
        }

        if (Background)
        {
            endpoint.BackgroundSlots.Release();
        }
    }
}
