using System.Collections.Concurrent;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Catalog;

/// <summary>
/// The clients of the current configuration: created on first use, kept over a reload that does not change their settings, retired otherwise.
/// Any thread may lease; <see cref="Replace"/> switches the state under a lock.
/// </summary>
internal sealed class LlmInstances(LlmCatalogState state, IChatClientFactory factory) : IDisposable
{
    private readonly Lock _replacing = new();
    private readonly ConcurrentDictionary<(ProviderConcurrencyKey Server, string? Model), LlmEndpoint> _endpoints = new();
    private readonly ConcurrentDictionary<ProviderConcurrencyKey, ProviderConcurrency> _servers = new();
    private LlmCatalogState _state = state;

    public LlmCatalogState State => Volatile.Read(ref _state);

    public LlmEndpoint? FindEndpoint(LlmProviderSettings settings) => _endpoints.GetValueOrDefault(EndpointKey(settings));

    /// <summary>
    /// An acquired instance for the settings that <paramref name="choose"/> picks from the current state; null when it picks none. Throws when
    /// the client cannot be created.
    /// </summary>
    public LlmInstance? Acquire(Func<LlmCatalogState, LlmProviderSettings?> choose)
    {
        while (true)
        {
            LlmCatalogState state = State;
            if (choose(state) is not { } settings)
            {
                return null;
            }

            if (TryAcquire(state, settings) is { } instance)
            {
                return instance;
            }
        }
    }

    /// <summary>Null when a newer configuration retired the instance in the meantime: the caller starts again with the current state.</summary>
    public LlmInstance? TryAcquire(LlmCatalogState state, LlmProviderSettings settings)
    {
        Lazy<LlmInstance> created = state.Instances.GetOrAdd(settings, static (key, self) => new Lazy<LlmInstance>(() => self.Create(key)), this);
        LlmInstance instance;
        try
        {
            instance = created.Value;
        }
        catch (Exception)
        {
            state.Instances.TryRemove(KeyValuePair.Create(settings, created));
            throw;
        }

        if (!instance.TryAcquire())
        {
            state.Instances.TryRemove(KeyValuePair.Create(settings, created));
            return null;
        }

        if (!ReferenceEquals(state, State))
        {
            // The configuration changed since the look-up: Replace may not have seen this instance.
            RetireUnlessKept(settings, created);
        }

        return instance;
    }

    /// <summary>Puts another state in force. Unchanged instances move to it; the others are retired and disposed after their last call.</summary>
    public void Replace(LlmCatalogState next)
    {
        lock (_replacing)
        {
            LlmCatalogState old = _state;
            CopyReachable(old, next);

            // Full fence. Here: write the state, then read the instances. In TryAcquire: write the instance, then read the state. One of the
            // two threads sees the other's write.
            Interlocked.Exchange(ref _state, next);

            // Calls may have created instances since the first copy. TryAcquire handles those that are created from here on.
            CopyReachable(old, next);
            foreach ((LlmProviderSettings settings, Lazy<LlmInstance> created) in old.Instances)
            {
                if (!next.Instances.TryGetValue(settings, out Lazy<LlmInstance>? kept) || !ReferenceEquals(kept, created))
                {
                    Retire(created);
                }
            }

            RemoveUnreachable(_endpoints, next.Reachable.Select(EndpointKey));
            RemoveUnreachable(_servers, next.Reachable.Select(static settings => settings.ConcurrencyKey));
        }
    }

    public void Dispose()
    {
        lock (_replacing)
        {
            foreach (Lazy<LlmInstance> created in _state.Instances.Values)
            {
                Retire(created);
            }
        }
    }

    private static (ProviderConcurrencyKey Server, string? Model) EndpointKey(LlmProviderSettings settings) => (settings.ConcurrencyKey, settings.Model);

    private LlmInstance Create(LlmProviderSettings settings)
    {
        IChatClient client = factory.Create(settings);
        ProviderConcurrency server = _servers.GetOrAdd(settings.ConcurrencyKey, static key => new ProviderConcurrency(key.MaxConcurrency));
        LlmEndpoint endpoint = _endpoints.GetOrAdd(EndpointKey(settings), static (_, server) => new LlmEndpoint(server), server);
        return new LlmInstance(settings, client, endpoint);
    }

    private void RetireUnlessKept(LlmProviderSettings settings, Lazy<LlmInstance> created)
    {
        lock (_replacing)
        {
            if (!_state.Instances.TryGetValue(settings, out Lazy<LlmInstance>? kept) || !ReferenceEquals(kept, created))
            {
                Retire(created);
            }
        }
    }

    private static void Retire(Lazy<LlmInstance> created)
    {
        if (created.IsValueCreated)
        {
            created.Value.Retire();
        }
    }

    private static void CopyReachable(LlmCatalogState old, LlmCatalogState next)
    {
        foreach ((LlmProviderSettings settings, Lazy<LlmInstance> created) in old.Instances)
        {
            if (next.Reachable.Contains(settings))
            {
                next.Instances.TryAdd(settings, created);
            }
        }
    }

    private static void RemoveUnreachable<TKey, TValue>(ConcurrentDictionary<TKey, TValue> all, IEnumerable<TKey> reachable)
        where TKey : notnull
    {
        var kept = reachable.ToHashSet();
        foreach (TKey key in all.Keys.Where(key => !kept.Contains(key)))
        {
            all.TryRemove(key, out _);
        }
    }
}
