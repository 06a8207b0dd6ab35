using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>Changes log levels while the server runs. Any thread.</summary>
internal interface ILogLevels
{
    /// <summary>The configured levels, and those that are changed now.</summary>
    IReadOnlyList<LogLevelReport> Report();

    /// <summary>
    /// Changes the level of a category and those below it, or of all that have no other; without a level removes the change. False when too many
    /// categories are changed.
    /// </summary>
    bool TrySet(string? category, LogLevel? level, TimeSpan? duration);
}

/// <summary>The level of one category. <paramref name="Source"/> is configuration or operator; an operator's level wins until its end.</summary>
internal sealed record LogLevelReport(string Category, string Level, string Source, DateTimeOffset? Until);

/// <summary>All levels that are set.</summary>
internal sealed record LogLevelPage(IReadOnlyList<LogLevelReport> Levels);
