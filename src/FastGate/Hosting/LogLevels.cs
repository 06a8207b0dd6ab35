using FastGate.Http.Admin;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Log levels that an operator has changed while the server runs, each until its end or the end of the process. They come after the configuration, so
/// they win for a category that both name. Any thread.
/// </summary>
internal sealed class LogLevels : ConfigurationProvider, ILogLevels, IDisposable
{
    /// <summary>Changed categories; another one is refused.</summary>
    public const int Capacity = 64;

    private const string Default = "Default";

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly SortedDictionary<string, Change> _changes = new(StringComparer.OrdinalIgnoreCase);
    private readonly IConfiguration _configured;
    private readonly TimeProvider _time;

    public LogLevels(IConfiguration configured, TimeProvider time)
    {
        (_configured, _time) = (configured, time);
        Section = new ConfigurationRoot([this]);
    }

    /// <summary>In the form of the section <c>Logging</c>.</summary>
    public IConfigurationRoot Section { get; }

    public IReadOnlyList<LogLevelReport> Report()
    {
        IEnumerable<LogLevelReport> configured = _configured.GetSection("LogLevel").GetChildren()
            .Select(static child => new LogLevelReport(child.Key, child.Value ?? "", "configuration", null));
        lock (_lock)
        {
            return [.. configured, .. _changes.Select(static change => new LogLevelReport(change.Key, change.Value.Level.ToString(), "operator", change.Value.Until))];
        }
    }

    public bool TrySet(string? category, LogLevel? level, TimeSpan? duration)
    {
        category ??= Default;
        lock (_lock)
        {
            if (level is not null && !_changes.ContainsKey(category) && _changes.Count == Capacity)
            {
                return false;
            }

            Remove(category);
            if (level is { } wanted)
            {
                var change = new Change(wanted, _time.GetUtcNow() + duration);
                _changes[category] = change;
                if (duration is { } wait)
                {
                    change.Timer = _time.CreateTimer(_ => End(category, change), null, wait, Timeout.InfiniteTimeSpan);
                }
            }

            Publish();
        }

        Section.Reload();
        return true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Change change in _changes.Values)
            {
                change.Timer?.Dispose();
            }
        }
    }

    private void End(string category, Change ended)
    {
        lock (_lock)
        {
            if (!_changes.TryGetValue(category, out Change? change) || change != ended)
            {
                return;
            }

            Remove(category);
            Publish();
        }

        Section.Reload();
    }

    private void Remove(string category)
    {
        if (_changes.Remove(category, out Change? former))
        {
            former.Timer?.Dispose();
        }
    }

    /// <summary>A rule of the console, which may be in the configuration, wins over one for all outputs: so there are both.</summary>
    private void Publish()
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach ((string category, Change change) in _changes)
        {
            data[$"LogLevel:{category}"] = change.Level.ToString();
            data[$"Console:LogLevel:{category}"] = change.Level.ToString();
        }

        Data = data;
    }

    private sealed class Change(LogLevel level, DateTimeOffset? until)
    {
        public LogLevel Level => level;

        public DateTimeOffset? Until => until;

        public ITimer? Timer { get; set; }
    }
}
