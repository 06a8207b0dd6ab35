using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Catalog;

/// <summary>
/// One client made from one set of settings, shared by all devices. Counted: the catalogue holds one reference while the
/// configuration can lead here, each call one more; the last to let go disposes the client.
/// </summary>
internal sealed class LlmInstance(LlmProviderSettings settings, IChatClient client, LlmEndpoint endpoint)
{
    private int _references = 1;
    private int _retired;

    public LlmProviderSettings Settings { get; } = settings;

    public IChatClient Client { get; } = client;

    public LlmEndpoint Endpoint { get; } = endpoint;

    /// <summary>False when the last reference has gone: the instance must not come back to life.</summary>
    public bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>True once: whoever gets it gives back the catalogue's own reference.</summary>
    public bool TryRetire() => Interlocked.Exchange(ref _retired, 1) == 0;

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Client.Dispose();
        }
    }
}
