using FastGate.Llm.Catalog;

namespace FastGate.Llm.Calls;

/// <summary>
/// What an attempt holds of its provider's slots. A call in the background takes its place among those first: while it waits for that it must not
/// hold a slot a user could have.
/// </summary>
internal readonly record struct LlmSlots(bool Background, bool Call)
{
    /// <summary>Without waiting; holds nothing when it does not succeed.</summary>
    public static LlmSlots? TryEnter(ProviderConcurrency server, bool background)
    {
        if (background && !server.BackgroundSlots.Wait(0, CancellationToken.None))
        {
            return null;
        }

        if (server.Slots.Wait(0, CancellationToken.None))
        {
            return new LlmSlots(background, Call: true);
        }

        new LlmSlots(background, Call: false).Leave(server);
        return null;
    }

    /// <summary>Waits; holds nothing when it ends with an exception.</summary>
    public static async Task<LlmSlots> EnterAsync(ProviderConcurrency server, bool background, CancellationToken cancellationToken)
    {
        if (background)
        {
            await server.BackgroundSlots.WaitAsync(cancellationToken);
        }

        try
        {
            await server.Slots.WaitAsync(cancellationToken);
        }
        catch
        {
            new LlmSlots(background, Call: false).Leave(server);
            throw;
        }

        return new LlmSlots(background, Call: true);
    }

    public void Leave(ProviderConcurrency server)
    {
        if (Call)
        {
            server.Slots.Release();
        }

        if (Background)
        {
            server.BackgroundSlots.Release();
        }
    }
}
