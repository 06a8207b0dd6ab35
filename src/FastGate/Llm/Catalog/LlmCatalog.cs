using System.Collections.Concurrent;
using FastGate.Diagnostics;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Catalog;

/// <summary>
/// Purpose to client. Any thread may resolve; <see cref="Apply"/> swaps the configuration as a whole, so that a turn sees either
/// the old one or the new one, and lets go of what nobody can reach any more.
/// </summary>
internal sealed class LlmCatalog : IDisposable
{
    private readonly IChatClientFactory _factory;
    private readonly ILogger<LlmCatalog> _logger;
    private readonly Lock _applying = new();
    private readonly ConcurrentDictionary<LlmEndpointKey, LlmEndpoint> _endpoints = new();
    private readonly ConcurrentDictionary<ProviderConcurrencyKey, ProviderConcurrency> _servers = new();
    private LlmCatalogState _state;

    public LlmCatalog(LlmConfiguration configuration, IChatClientFactory factory, ILogger<LlmCatalog> logger)
    {
        ThrowIfInvalid(configuration);
        _factory = factory;
        _logger = logger;
        _state = new LlmCatalogState(configuration);
        LogWarnings(configuration);
    }

    public LlmConfiguration Configuration => Volatile.Read(ref _state).Configuration;

    /// <summary>Puts a configuration in force from the next turn on. Throws for one with errors, which then changes nothing.</summary>
    public void Apply(LlmConfiguration configuration) => Prepare(configuration)();

    /// <summary>Does all of it that can fail, and throws for a configuration with errors; what it returns puts it in force.</summary>
    public Action Prepare(LlmConfiguration configuration)
    {
        ThrowIfInvalid(configuration);
        var next = new LlmCatalogState(configuration);
        return () =>
        {
            Switch(next);
            LogWarnings(configuration);
            _logger.ConfigurationApplied(configuration.Default);
        };
    }

    /// <summary>The instance for a purpose, leased to the caller. Never throws: what cannot be made is replaced by the default.</summary>
    public ResolvedLlm Resolve(string? purpose)
    {
        while (true)
        {
            LlmCatalogState state = Volatile.Read(ref _state);
            LlmResolution resolution = state.Resolve(purpose);
            if (resolution.Unlisted && state.WarnOnce(resolution.Purpose))
            {
                _logger.PurposeUnlisted(resolution.Purpose, resolution.Why);
            }

            if (resolution.UnknownAlias is { } unknown && state.WarnOnce("alias of " + resolution.Purpose))
            {
                _logger.AliasUnknown(resolution.Purpose, unknown, state.Configuration.Default);
            }

            try
            {
                if (Lease(state, resolution.Settings) is { } instance)
                {
                    return new ResolvedLlm(resolution.Purpose, resolution.Alias, resolution.Why, instance);
                }
            }
            catch (Exception exception)
            {
                return Fallback(state, resolution, exception);
            }
        }
    }

    /// <summary>The default provider's instance, for a call whose own provider failed.</summary>
    public ResolvedLlm ResolveDefault(string purpose)
    {
        while (true)
        {
            LlmCatalogState state = Volatile.Read(ref _state);
            string alias = state.Configuration.Default;
            try
            {
                if (Lease(state, state.Configuration.DefaultSettings) is { } instance)
                {
                    return new ResolvedLlm(purpose, alias, "the default provider", instance);
                }
            }
            catch (Exception)
            {
                return new ResolvedLlm(purpose, alias, "the default provider cannot be made", null);
            }
        }
    }

    /// <summary>One row for each purpose known or configured.</summary>
    public IReadOnlyList<LlmExplanation> Explain()
    {
        LlmCatalogState state = Volatile.Read(ref _state);
        LlmConfiguration configuration = state.Configuration;
        return LlmConfiguration.KnownPurposes
            .Union(configuration.Purposes, StringComparer.Ordinal)
            .Append(LlmConfiguration.DefaultEntry).Distinct(StringComparer.Ordinal)
            .Select(purpose => Explain(state, state.Resolve(purpose)))
            .ToArray();
    }

    public void Dispose()
    {
        lock (_applying)
        {
            foreach (Lazy<LlmInstance> made in _state.Instances.Values)
            {
                Retire(made);
            }
        }
    }

    /// <summary>
    /// An instance that leads to this endpoint under the configuration in force, leased to the caller. Null when none does any more, or none can
    /// be made.
    /// </summary>
    public LlmInstance? LeaseOf(LlmEndpoint endpoint)
    {
        while (true)
        {
            LlmCatalogState state = Volatile.Read(ref _state);
            LlmProviderSettings? settings = state.Reachable.FirstOrDefault(
                settings => _endpoints.TryGetValue(LlmEndpoint.KeyOf(settings), out LlmEndpoint? found) && ReferenceEquals(found, endpoint));
            try
            {
                if (settings is null)
                {
                    return null;
                }

                if (Lease(state, settings) is { } instance)
                {
                    return instance;
                }
            }
            catch (Exception)
            {
                return null;
            }
        }
    }

    private void Switch(LlmCatalogState next)
    {
        lock (_applying)
        {
            LlmCatalogState old = _state;
            Keep(old, next);

            // A full fence: we write the state and look at the instances, a lease writes its instance and looks at the state. One sees the other.
            Interlocked.Exchange(ref _state, next);

            // Once more: a turn may have made an instance since. One it makes from here on it finds to be of the past by itself (Adopt).
            Keep(old, next);
            foreach ((LlmProviderSettings? settings, Lazy<LlmInstance>? made) in old.Instances)
            {
                if (!next.Instances.TryGetValue(settings, out Lazy<LlmInstance>? kept) || !ReferenceEquals(kept, made))
                {
                    Retire(made);
                }
            }

            Sweep(_endpoints, next.Reachable.Select(LlmEndpoint.KeyOf));
            Sweep(_servers, next.Reachable.Select(ProviderConcurrency.KeyOf));
        }
    }

    private static void Keep(LlmCatalogState old, LlmCatalogState next)
    {
        foreach ((LlmProviderSettings? settings, Lazy<LlmInstance>? made) in old.Instances)
        {
            if (next.Reachable.Contains(settings))
            {
                next.Instances.TryAdd(settings, made);
            }
        }
    }

    private static void Sweep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> all, IEnumerable<TKey> reachable)
        where TKey : notnull
    {
        var kept = reachable.ToHashSet();
        foreach (TKey? key in all.Keys.Where(key => !kept.Contains(key)))
        {
            all.TryRemove(key, out _);
        }
    }

    private LlmExplanation Explain(LlmCatalogState state, LlmResolution resolution)
    {
        (string? alias, LlmProviderSettings? settings, string? why) = (resolution.Alias, resolution.Settings, resolution.Why);
        if (WhyNotMade(state, settings) is { } failure)
        {
            (alias, settings) = (state.Configuration.Default, state.Configuration.DefaultSettings);
            why = $"{why}, which cannot be made ({failure}), so the default provider '{alias}'";
            if (WhyNotMade(state, settings) is { } worse)
            {
                why = $"{why}, which cannot be made either ({worse})";
            }
        }

        return new LlmExplanation
        {
            Purpose = resolution.Purpose,
            Alias = alias,
            Type = settings.Type,
            Model = settings.Model,
            BaseUrl = LlmSecrets.MaskUrl(settings.BaseUrl),
            ApiKey = LlmSecrets.Mask(settings.ApiKey),
            Overrides = resolution.Overrides.Describe(),
            Why = why,
            Breaker = _endpoints.TryGetValue(LlmEndpoint.KeyOf(settings), out LlmEndpoint? endpoint)
                ? endpoint.Breaker.IsOpen ? "open" : "closed"
                : "none",
        };
    }

    /// <summary>An explanation that had not tried would be a guess.</summary>
    private string? WhyNotMade(LlmCatalogState state, LlmProviderSettings settings)
    {
        try
        {
            Lease(state, settings)?.Release();
            return null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private ResolvedLlm Fallback(LlmCatalogState state, LlmResolution resolution, Exception exception)
    {
        string alias = state.Configuration.Default;
        if (state.WarnOnce("making " + resolution.Purpose))
        {
            _logger.ProviderNotMade(resolution.Purpose, resolution.Alias, alias, exception.Message);
        }

        // Leased by its own settings: what stands in is the default itself and is never kept under the key of what it stands in for.
        ResolvedLlm fallback = ResolveDefault(resolution.Purpose);
        return new ResolvedLlm(resolution.Purpose, alias,
            $"{resolution.Why}, which could not be made ({exception.Message}), so the default provider '{alias}'", fallback.Instance);
    }

    /// <summary>Null when the instance was let go meanwhile: the caller looks at the state anew.</summary>
    private LlmInstance? Lease(LlmCatalogState state, LlmProviderSettings settings)
    {
        Lazy<LlmInstance> made = state.Instances.GetOrAdd(settings, static (key, catalog) => new Lazy<LlmInstance>(() => catalog.Make(key)), this);
        LlmInstance instance;
        try
        {
            instance = made.Value;
        }
        catch (Exception)
        {
            state.Instances.TryRemove(new KeyValuePair<LlmProviderSettings, Lazy<LlmInstance>>(settings, made));
            throw;
        }

        if (!instance.TryAcquire())
        {
            // Let go by a newer configuration while we looked; under an unchanged one this cannot be.
            state.Instances.TryRemove(new KeyValuePair<LlmProviderSettings, Lazy<LlmInstance>>(settings, made));
            return null;
        }

        if (!ReferenceEquals(state, Volatile.Read(ref _state)))
        {
            // The configuration changed between the look-up and the lease: what we made may be known to nobody else.
            Adopt(settings, made);
        }

        return instance;
    }

    /// <summary>An instance made under a configuration that has since been replaced: kept by the new one or let go, never lost.</summary>
    private void Adopt(LlmProviderSettings settings, Lazy<LlmInstance> made)
    {
        lock (_applying)
        {
            if (_state.Instances.TryGetValue(settings, out Lazy<LlmInstance>? kept) && ReferenceEquals(kept, made))
            {
                return;
            }

            Retire(made);
        }
    }

    private LlmInstance Make(LlmProviderSettings settings)
    {
        IChatClient client = _factory.Create(settings);
        ProviderConcurrency server = _servers.GetOrAdd(ProviderConcurrency.KeyOf(settings), static key => new ProviderConcurrency(key.MaxConcurrency));
        LlmEndpoint endpoint = _endpoints.GetOrAdd(LlmEndpoint.KeyOf(settings), static (_, server) => new LlmEndpoint(server), server);
        return new LlmInstance(settings, client, endpoint);
    }

    private static void Retire(Lazy<LlmInstance> made)
    {
        if (made.IsValueCreated && made.Value.TryRetire())
        {
            made.Value.Release();
        }
    }

    private static void ThrowIfInvalid(LlmConfiguration configuration)
    {
        if (configuration.Errors.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, configuration.Errors), nameof(configuration));
        }
    }

    private void LogWarnings(LlmConfiguration configuration)
    {
        foreach (string warning in configuration.Warnings)
        {
            _logger.ConfigurationWarning(warning);
        }
    }
}
