using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Catalog;

/// <summary>
/// One chat client for one set of settings, shared by all devices and reference-counted: <see cref="LlmInstances"/> holds one reference while
/// the configuration uses the settings, each call holds one. The last release disposes the client.
/// </summary>
internal sealed class LlmInstance(LlmProviderSettings settings, IChatClient client, LlmEndpoint endpoint)
{
    private int _references = 1;
    private int _retired;

    public LlmProviderSettings Settings { get; } = settings;

    public IChatClient Client { get; } = client;

    public LlmEndpoint Endpoint { get; } = endpoint;

    /// <summary>False after the last release: the client is disposed.</summary>
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

    /// <summary>Releases the reference of <see cref="LlmInstances"/>; further calls do nothing.</summary>
    public void Retire()
    {
        if (Interlocked.Exchange(ref _retired, 1) == 0)
        {
            Release();
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Client.Dispose();
        }
    }
}
