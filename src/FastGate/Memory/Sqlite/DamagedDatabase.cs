using System.Globalization;
using FastGate.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FastGate.Memory.Sqlite;

/// <summary>Decides whether a database file is damaged, and renames a damaged one. Used by the writer thread only.</summary>
internal sealed class DamagedDatabase(string path, ILogger logger, TimeProvider time)
{
    // Longer than any retry needs to find the same damage again.
    private static readonly TimeSpan s_trustSecondReport = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _foundHealthyAt;

    /// <summary>
    /// Checks the file after damage was reported, because another process may have repaired it and a healthy file must not be moved. A
    /// second report soon after is trusted; otherwise check and report could alternate without end.
    /// </summary>
    public bool IsConfirmed(Func<SqliteConnection> connect, out string finding)
    {
        finding = "damage was reported again";
        DateTimeOffset now = time.GetUtcNow();
        if (_foundHealthyAt is { } before && now - before < s_trustSecondReport)
        {
            return true;
        }

        try
        {
            using SqliteConnection connection = connect();
            finding = connection.Read<string>("PRAGMA quick_check(1)") ?? "";
            _foundHealthyAt = now;
            return !string.Equals(finding, "ok", StringComparison.Ordinal);
        }
        catch (SqliteException exception) when (SqliteFailure.Of(exception) == MemoryFailure.Corrupt)
        {
            finding = exception.Message;
            return true;
        }
    }

    /// <summary>Renames the file and its logs; a file of that name that already exists is kept.</summary>
    public void MoveAside(string reason)
    {
        string stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string target = $"{path}.corrupt-{stamp}";
        for (int number = 2; File.Exists(target) || File.Exists(target + "-wal") || File.Exists(target + "-shm"); number++)
        {
            target = string.Create(CultureInfo.InvariantCulture, $"{path}.corrupt-{stamp}-{number}");
        }

        // The logs move first: they belong to this file, and a crash in between must not leave them beside a new one.
        foreach (string suffix in (ReadOnlySpan<string>)["-wal", "-shm", ""])
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, target + suffix, overwrite: false);
            }
        }

        _foundHealthyAt = null;
        logger.MemorySetAside(path, reason, target);
    }
}
