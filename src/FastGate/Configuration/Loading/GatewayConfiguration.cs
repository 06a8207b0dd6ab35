using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FastGate.Configuration.Loading;

/// <summary>
/// The live configuration. A reload takes effect as a whole or not at all; readers take <see cref="Current"/> once per use and
/// never see half of one. Reloads run one after the other, on the thread that asks.
/// </summary>
internal sealed class GatewayConfiguration : IDisposable
{
    private const int MaxKeysNamed = 20;

    private readonly Lock _reload = new();
    private readonly IReadOnlyList<IConfigurationSource> _sources;
    private readonly string _workingDirectory;
    private readonly Func<IConfigurationSection, IReadOnlyList<string>> _checkLlm;
    private readonly ILogger<GatewayConfiguration> _logger;
    private readonly ConfigurationFileWatch _watch = new();
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private volatile GatewaySnapshot _snapshot;
    private ITimer? _timer;
    private int _looking;

    /// <summary>
    /// Reads the sources of the host's configuration. Throws <see cref="InvalidConfigurationException"/> naming every failure.
    /// <paramref name="checkLlm"/> says what is wrong with <c>FastGate:Llm</c>, whose meaning only a room above this one knows.
    /// </summary>
    public GatewayConfiguration(
        IConfigurationBuilder configuration,
        ILogger<GatewayConfiguration> logger,
        string? workingDirectory = null,
        Func<IConfigurationSection, IReadOnlyList<string>>? checkLlm = null)
    {
        _checkLlm = checkLlm ?? (static _ => []);
        _sources = [.. configuration.Sources];
        _workingDirectory = workingDirectory ?? Directory.GetCurrentDirectory();
        _logger = logger;
        _snapshot = Read(out IReadOnlyList<string> failures) ?? throw new InvalidConfigurationException(failures);
        LogWarnings(_snapshot);
    }

    /// <summary>
    /// Asked by a reload that changes something, with the state before and the one to come, while nothing has changed yet: a listener prepares
    /// all that can fail and returns the switch, which only puts in place what is ready. Whoever throws refuses the reload for all. One reload
    /// at a time; a listener must not wait for another thread's.
    /// </summary>
    public event Func<GatewaySnapshot, GatewaySnapshot, Action>? Changing;

    public GatewayOptions Current => _snapshot.Options;

    /// <summary><c>FastGate:Llm</c> as last read: a frozen copy, replaced by a reload and never changed.</summary>
    public IConfigurationSection LlmSection => _snapshot.Llm;

    /// <summary>What would stop a process that started now; empty when nothing would. Changes nothing, not even what is watched.</summary>
    public IReadOnlyList<string> Check()
    {
        try
        {
            GatewaySnapshot? next = new ConfigurationReader(_sources, _workingDirectory).Read(out IReadOnlyList<string> failures);
            return next is null ? failures : ValidateLlm(next);
        }
        catch (Exception exception)
        {
            // Whatever a start would end with.
            return [exception.Message];
        }
    }

    /// <summary>Reads everything again. With a bad value or a broken file nothing changes and the result says why.</summary>
    public ReloadResult Reload()
    {
        lock (_reload)
        {
            GatewaySnapshot? next;
            IReadOnlyList<string> failures;
            try
            {
                next = Read(out failures);
            }
            catch (Exception exception)
            {
                // A reload runs on whatever thread asks for it: what escapes there would end a running server.
                (next, failures) = (null, [exception.Message]);
            }

            if (next is null)
            {
                _logger.ReloadRefused(string.Join("; ", failures));
                return ReloadResult.Refused(failures);
            }

            string[] changed = [.. ChangedKeys(_snapshot, next)];
            if (changed.Length == 0)
            {
                return ReloadResult.Unchanged;
            }

            List<Action> switches = [];
            try
            {
                foreach (Func<GatewaySnapshot, GatewaySnapshot, Action> listener in Changing?.GetInvocationList() ?? [])
                {
                    switches.Add(listener(_snapshot, next));
                }
            }
            catch (Exception exception)
            {
                _logger.ReloadRefused(exception.Message);
                return ReloadResult.Refused([exception.Message]);
            }

            _snapshot = next;
            Switch(switches);

            // Only now is it in force everywhere: who reads the line may rely on it.
            _logger.Reloaded(changed.Length, Names(changed));
            string[] late = [.. changed.Where(StartOnlyKeys.Contains)];
            if (late.Length > 0)
            {
                _logger.NeedsRestart(Names(late));
            }

            LogWarnings(next);
            return ReloadResult.Applied;
        }
    }

    /// <summary>Reloads when a file changes, once it has been at rest for one period. Called once.</summary>
    public void WatchFiles(TimeProvider time, TimeSpan period) =>
        _timer = time.CreateTimer(static state => ((GatewayConfiguration)state!).LookAtFiles(), this, period, period);

    public void Dispose() => _timer?.Dispose();

    /// <summary>What the timer does; a tick that finds the one before still at work leaves.</summary>
    internal void LookAtFiles()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        try
        {
            lock (_reload)
            {
                if (_watch.Poll())
                {
                    Reload();
                }
            }
        }
        catch (Exception exception)
        {
            // An exception that escapes a timer ends the process.
            _logger.ReloadFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private GatewaySnapshot? Read(out IReadOnlyList<string> failures)
    {
        var reader = new ConfigurationReader(_sources, _workingDirectory);
        GatewaySnapshot? snapshot = reader.Read(out failures);
        if (snapshot is not null)
        {
            // A failed read may not have come to all of its files: the old set stays watched.
            _watch.Watch(reader.Files);
        }

        if (snapshot is not null && ValidateLlm(snapshot) is { Count: > 0 } wrong)
        {
            failures = wrong;
            return null;
        }

        return snapshot;
    }

    private IReadOnlyList<string> ValidateLlm(GatewaySnapshot snapshot) => [.. _checkLlm(snapshot.Llm).Select(snapshot.WithOrigin)];

    private static IEnumerable<string> ChangedKeys(GatewaySnapshot before, GatewaySnapshot after) =>
        before.Keys.Keys.Union(after.Keys.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => before.Keys.GetValueOrDefault(key) != after.Keys.GetValueOrDefault(key))
            .Order(StringComparer.Ordinal);

    private static string Names(string[] keys) =>
        keys.Length <= MaxKeysNamed ? string.Join(", ", keys) : $"{string.Join(", ", keys[..MaxKeysNamed])} and {keys.Length - MaxKeysNamed} more";

    private void LogWarnings(GatewaySnapshot snapshot)
    {
        foreach ((string key, string nearest) in snapshot.Unknown)
        {
            if (_warned.Count < 1_000 && _warned.Add(key))
            {
                _logger.UnknownKey($"{GatewayOptions.Section}:{key}", $"{GatewayOptions.Section}:{nearest}");
            }
        }

        string ignored = string.Join(", ", snapshot.Ignored);
        if (ignored.Length > 0 && _warned.Count < 1_000 && _warned.Add(ignored))
        {
            _logger.KeysWithoutMeaning(snapshot.Options.Config!, ignored);
        }
    }

    private void Switch(List<Action> switches)
    {
        foreach (Action put in switches)
        {
            try
            {
                put();
            }
            catch (Exception exception)
            {
                // There is no way back any more, and one bug must not keep the others on the old options.
                _logger.ReloadFailed(exception);
            }
        }
    }
}
