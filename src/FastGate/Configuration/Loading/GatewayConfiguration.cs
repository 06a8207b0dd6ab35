using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FastGate.Configuration.Loading;

/// <summary>
/// The configuration that applies now. A reload replaces it as a whole or not at all; a reader takes <see cref="Current"/> once per use. Reloads
/// run one after the other, on the thread that asks.
/// </summary>
internal sealed class GatewayConfiguration : IDisposable
{
    private const int MaxKeysNamed = 20;
    private const int MaxWarnings = 1_000;

    private readonly Lock _reload = new();
    private readonly IReadOnlyList<IConfigurationSource> _sources;
    private readonly string _workingDirectory;
    private readonly ILogger<GatewayConfiguration> _logger;
    private readonly ConfigurationFileWatch _watch = new();
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private volatile GatewaySnapshot _snapshot;
    private volatile ReloadStatus _reloads = ReloadStatus.None;
    private ITimer? _timer;
    private int _polling;

    /// <summary>Reads the sources of the host's configuration. Throws <see cref="InvalidConfigurationException"/> with every failure.</summary>
    public GatewayConfiguration(IConfigurationBuilder configuration, ILogger<GatewayConfiguration> logger, string? workingDirectory = null)
    {
        _sources = [.. configuration.Sources];
        _workingDirectory = workingDirectory ?? Directory.GetCurrentDirectory();
        _logger = logger;
        _snapshot = Read(out IReadOnlyList<string> failures) ?? throw new InvalidConfigurationException(failures);
        LogWarnings(_snapshot);
    }

    /// <summary>
    /// Called by a reload that changes something, with the snapshot before and the next one. It does everything that can fail, and refuses the
    /// reload by an exception; the returned steps apply the next snapshot. One call at a time.
    /// </summary>
    public Func<GatewaySnapshot, GatewaySnapshot, IReadOnlyList<Action>>? PrepareReload { get; set; }

    public GatewaySnapshot Snapshot => _snapshot;

    public GatewayOptions Current => _snapshot.Options;

    public ReloadStatus Reloads => _reloads;

    /// <summary>Why a process that started now would fail; empty when it would not. Changes nothing, not even the watched files.</summary>
    /// <param name="options">The options of such a process; null when it would fail.</param>
    public IReadOnlyList<string> Check(out GatewayOptions? options)
    {
        options = null;
        try
        {
            options = new ConfigurationReader(_sources, _workingDirectory).Read(out IReadOnlyList<string> failures)?.Options;
            return failures;
        }
        catch (Exception exception)
        {
            return [exception.Message];
        }
    }

    /// <summary>Reads everything again. After a bad value or an unreadable file nothing changes, and the result says why.</summary>
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
                // A reload runs on any thread: an exception that escaped would end the server.
                (next, failures) = (null, [exception.Message]);
            }

            return next is null ? Refuse(failures) : Apply(next);
        }
    }

    /// <summary>Reloads when a file has changed and is stable for one period. Called once.</summary>
    public void WatchFiles(TimeProvider time, TimeSpan period) =>
        _timer = time.CreateTimer(static state => ((GatewayConfiguration)state!).PollFiles(), this, period, period);

    public void Dispose() => _timer?.Dispose();

    /// <summary>The timer's callback; returns at once when the one before is still running.</summary>
    internal void PollFiles()
    {
        if (Interlocked.Exchange(ref _polling, 1) != 0)
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
            Volatile.Write(ref _polling, 0);
        }
    }

    private GatewaySnapshot? Read(out IReadOnlyList<string> failures)
    {
        var reader = new ConfigurationReader(_sources, _workingDirectory);
        GatewaySnapshot? snapshot = reader.Read(out failures);
        if (snapshot is not null)
        {
            // A failed read may not know all of its files: the old set stays watched.
            _watch.Watch(reader.Files);
        }

        return snapshot;
    }

    private ReloadResult Apply(GatewaySnapshot next)
    {
        string[] changed = [.. next.ChangedKeys(_snapshot)];
        if (changed.Length == 0)
        {
            _reloads = _reloads with { LastError = null, LastErrorAt = null };
            return ReloadResult.Unchanged;
        }

        IReadOnlyList<Action> steps;
        try
        {
            steps = PrepareReload?.Invoke(_snapshot, next) ?? [];
        }
        catch (Exception exception)
        {
            return Refuse([exception.Message]);
        }

        _snapshot = next;
        foreach (Action step in steps)
        {
            try
            {
                step();
            }
            catch (Exception exception)
            {
                // The reload cannot be undone any more; a defect in one step must not keep the others on the old options.
                _logger.ReloadFailed(exception);
            }
        }

        _reloads = new ReloadStatus(_reloads.Applied + 1, _reloads.Refused, null, null);

        // Logged last: after this line every step has been applied.
        _logger.Reloaded(changed.Length, Names(changed));
        string[] startOnly = [.. changed.Where(StartOnlyKeys.Contains)];
        if (startOnly.Length > 0)
        {
            _logger.NeedsRestart(Names(startOnly));
        }

        LogWarnings(next);
        return ReloadResult.Applied;
    }

    private ReloadResult Refuse(IReadOnlyList<string> failures)
    {
        string reason = string.Join("; ", failures);
        _reloads = new ReloadStatus(_reloads.Applied, _reloads.Refused + 1, reason, DateTimeOffset.UtcNow);
        _logger.ReloadRefused(reason);
        return ReloadResult.Refused(failures);
    }

    private static string Names(string[] keys) =>
        keys.Length <= MaxKeysNamed ? string.Join(", ", keys) : $"{string.Join(", ", keys[..MaxKeysNamed])} and {keys.Length - MaxKeysNamed} more";

    private void LogWarnings(GatewaySnapshot snapshot)
    {
        foreach ((string key, string nearest) in snapshot.Unknown.Where(unknown => WarnOnce(unknown.Key)))
        {
            _logger.UnknownKey($"{GatewayOptions.Section}:{key}", $"{GatewayOptions.Section}:{nearest}");
        }

        foreach (string warning in snapshot.Speech.Warnings.Where(WarnOnce))
        {
            _logger.SpeechSettingIgnored(warning);
        }

        foreach (IGrouping<string, ConfigurationNote> file in snapshot.Notes.GroupBy(static note => note.File))
        {
            string notes = string.Join("; ", file.OrderBy(static note => note.Line).Select(static note => $"line {note.Line}: {note.Text}"));
            if (WarnOnce(file.Key + notes))
            {
                _logger.FileWarnings(file.Key, notes);
            }
        }

        foreach (IGrouping<string, XiaozhiIgnored> file in snapshot.Ignored.GroupBy(static ignored => ignored.File))
        {
            string lost = string.Join("; ", file.Where(static ignored => ignored.Lost is not null)
                .GroupBy(static ignored => ignored.Lost, static (lost, keys) => $"{lost}: {string.Join(", ", keys)}"));
            if (lost.Length > 0 && WarnOnce(file.Key + lost))
            {
                _logger.ServicesLost(file.Key, lost);
            }

            string others = string.Join(", ", file.Where(static ignored => ignored.Lost is null));
            if (others.Length > 0 && WarnOnce(file.Key + others))
            {
                _logger.KeysWithoutMeaning(file.Key, others);
            }
        }
    }

    private bool WarnOnce(string subject) => _warned.Count < MaxWarnings && _warned.Add(subject);
}
