using FastGate.Diagnostics;
using FastGate.Llm.Settings;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Catalog;

/// <summary>
/// Resolves a purpose to a client. Any thread may resolve; <see cref="Apply"/> replaces the whole configuration, so that a call sees either
/// the old one or the new one.
/// </summary>
internal sealed class LlmCatalog : IDisposable
{
    /// <summary>Steps of <see cref="ResolveFallback"/>.</summary>
    public const int FallbackSteps = 2;

    private readonly ILogger<LlmCatalog> _logger;
    private readonly LlmInstances _instances;

    public LlmCatalog(LlmConfiguration configuration, IChatClientFactory factory, ILogger<LlmCatalog> logger)
    {
        ThrowIfInvalid(configuration);
        _logger = logger;
        _instances = new LlmInstances(new LlmCatalogState(configuration), factory);
        LogWarnings(configuration);
    }

    public LlmConfiguration Configuration => _instances.State.Configuration;

    /// <summary>Puts a configuration in force from the next call on. Throws for a configuration with errors and changes nothing.</summary>
    public void Apply(LlmConfiguration configuration) => Prepare(configuration)();

    /// <summary>Does everything that can fail, and throws for a configuration with errors; the returned action puts it in force.</summary>
    public Action Prepare(LlmConfiguration configuration)
    {
        ThrowIfInvalid(configuration);
        var next = new LlmCatalogState(configuration);
        return () =>
        {
            _instances.Replace(next);
            LogWarnings(configuration);
            _logger.ConfigurationApplied(configuration.Default);
        };
    }

    /// <summary>Leases the client for a purpose. Never throws: the default provider replaces one whose client cannot be created.</summary>
    public LlmLease Resolve(string? purpose)
    {
        while (true)
        {
            LlmCatalogState state = _instances.State;
            LlmResolution resolution = state.Resolve(purpose);
            LogResolution(state, resolution);
            try
            {
                if (_instances.TryAcquire(state, resolution.Settings) is { } instance)
                {
                    return new LlmLease(resolution.Purpose, resolution.Alias, resolution.Why, instance);
                }
            }
            catch (Exception exception)
            {
                return Fallback(state, resolution, exception);
            }
        }
    }

    /// <summary>
    /// Leases a provider for a call whose own provider failed. Step 0 is the provider of the entry <c>default</c>, step 1 the explicit
    /// <c>Llm:Default</c>. Null where the step has no provider, and for the built-in echo, which never replaces a model.
    /// </summary>
    public LlmLease? ResolveFallback(string purpose, int step)
    {
        string alias = string.Empty;
        try
        {
            LlmInstance? instance = _instances.Acquire(state =>
            {
                LlmConfiguration configuration = state.Configuration;
                bool isConfigured = step == 0 ? configuration.Purposes.Contains(LlmConfiguration.DefaultEntry) : configuration.DefaultIsChosen;
                LlmResolution resolution = state.Resolve(LlmConfiguration.DefaultEntry);
                alias = step == 0 ? resolution.Alias : configuration.Default;
                LlmProviderSettings settings = step == 0 ? resolution.Settings : configuration.DefaultSettings;
                return isConfigured && settings.Type != LlmProviderTypes.Echo ? settings : null;
            });
            return instance is null ? null : new LlmLease(purpose, alias, step == 0 ? "the entry 'default'" : "the default provider", instance);
        }
        catch (Exception)
        {
            // No client can be created for this step; the call continues with the next one.
            return null;
        }
    }

    /// <summary>
    /// Acquires an instance of an endpoint under the current configuration. Null when the configuration no longer uses the endpoint, or no
    /// client can be created.
    /// </summary>
    public LlmInstance? AcquireFor(LlmEndpoint endpoint)
    {
        try
        {
            return _instances.Acquire(state => state.Reachable.FirstOrDefault(settings => ReferenceEquals(_instances.FindEndpoint(settings), endpoint)));
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>One row per known or configured purpose.</summary>
    public IReadOnlyList<LlmExplanation> Explain()
    {
        LlmCatalogState state = _instances.State;
        return LlmConfiguration.KnownPurposes
            .Union(state.Configuration.Purposes, StringComparer.Ordinal)
            .Append(LlmConfiguration.DefaultEntry).Distinct(StringComparer.Ordinal)
            .Select(purpose => Explain(state, state.Resolve(purpose)))
            .ToArray();
    }

    public void Dispose() => _instances.Dispose();

    private LlmExplanation Explain(LlmCatalogState state, LlmResolution resolution)
    {
        (string alias, LlmProviderSettings settings, string why, string? problem) = (resolution.Alias, resolution.Settings, resolution.Why, resolution.Problem);
        if (CreationError(state, settings) is { } error)
        {
            (alias, settings, problem) = (state.Configuration.Default, state.Configuration.DefaultSettings, state.Configuration.DefaultProblem);
            why = $"{why}, which cannot be made ({error}), so the default provider '{alias}'";
            if (CreationError(state, settings) is { } defaultError)
            {
                why = $"{why}, which cannot be made either ({defaultError})";
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
            Warning = problem,
            Breaker = _instances.FindEndpoint(settings) is not { } endpoint ? "none" : endpoint.Breaker.IsOpen ? "open" : "closed",
            InFlight = _instances.FindEndpoint(settings)?.Server.InFlight ?? 0,
        };
    }

    /// <summary>Creates the client, because only that shows whether the settings suffice. Null when it succeeds.</summary>
    private string? CreationError(LlmCatalogState state, LlmProviderSettings settings)
    {
        try
        {
            _instances.TryAcquire(state, settings)?.Release();
            return null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private LlmLease Fallback(LlmCatalogState state, LlmResolution resolution, Exception exception)
    {
        string alias = state.Configuration.Default;
        if (state.WarnOnce("making " + resolution.Purpose))
        {
            _logger.ProviderNotMade(resolution.Purpose, resolution.Alias, alias, exception.Message);
        }

        // The default's client is cached under its own settings, so the next call tries the purpose's own provider again.
        LlmInstance? instance = null;
        try
        {
            instance = _instances.Acquire(static state => state.Configuration.DefaultSettings);
        }
        catch (Exception)
        {
            // Neither client can be created: the call fails and names the first reason.
        }

        return new LlmLease(resolution.Purpose, alias,
            $"{resolution.Why}, which could not be made ({exception.Message}), so the default provider '{alias}'", instance);
    }

    private void LogResolution(LlmCatalogState state, LlmResolution resolution)
    {
        if (resolution.Unlisted && state.WarnOnce(resolution.Purpose))
        {
            _logger.PurposeUnlisted(resolution.Purpose, resolution.Why);
        }

        if (resolution.UnknownAlias is { } unknown && state.WarnOnce("alias of " + resolution.Purpose))
        {
            _logger.AliasUnknown(resolution.Purpose, unknown, state.Configuration.Default);
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
