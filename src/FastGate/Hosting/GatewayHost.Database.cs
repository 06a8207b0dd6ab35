using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Memory;
using FastGate.Memory.Postgres;
using FastGate.Memory.Sqlite;
using FastGate.Restart;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <content>The store of the memory, and the database file with the lock that keeps other servers away from it.</content>
internal sealed partial class GatewayHost
{
    private static readonly TimeSpan s_fleetLimit = TimeSpan.FromSeconds(1);

    /// <summary>The files of traces are beside the database.</summary>
    private Traces OpenTraces(ILoggerFactory logs, TimeProvider time) => new(
        _options.Memory.Provider == MemoryProviderKind.None ? null : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_options.Memory.Path))!, "traces"),
        time,
        logs.CreateLogger<Traces>());

    /// <summary>After the HTTP listeners, before the lock of the database is released. A new process has what the quiet before the hand-over has saved.</summary>
    private async Task DisposeFleetAsync()
    {
        if (!_handedOver.Task.IsCompleted)
        {
            await _fleet.FlushAsync(s_fleetLimit);
        }

        _fleet.Dispose();
    }

    private IMemoryStore OpenStore(ILoggerFactory logs, TimeProvider time) => _options.Memory.Provider switch
    {
        MemoryProviderKind.None => new NullMemoryStore(),
        MemoryProviderKind.Postgres => OpenPostgres(_options.Memory, logs, time),
        _ => new SqliteMemoryStore(_options.Memory.Path, logs.CreateLogger<SqliteMemoryStore>(), time),
    };

    // A method of its own: without this provider the driver's assembly is never loaded.
    private static PostgresMemoryStore OpenPostgres(MemoryOptions options, ILoggerFactory logs, TimeProvider time) =>
        new PostgresMemoryStore(options.ConnectionString!, options.TablePrefix, logs.CreateLogger<PostgresMemoryStore>(), time);

    /// <summary>Null for a file that cannot be created: the store cannot open its database there either, and the server runs without memory.</summary>
    private DatabaseLock? LockDatabase(int inherited, int passed = -1)
    {
        if (_options.Memory.Provider == MemoryProviderKind.None)
        {
            if (passed >= 0)
            {
                InheritedDescriptors.Close(passed);
            }

            return null;
        }

        try
        {
            if (inherited >= 0 && InheritedDescriptors.TargetOf(inherited) == DatabaseLock.PathOf(_options.Memory.Path))
            {
                return DatabaseLock.Adopt(inherited);
            }

            // Another database now, or the same by another path: then this process must not hold it twice.
            if (inherited >= 0)
            {
                InheritedDescriptors.Close(inherited);
            }

            return passed >= 0 ? DatabaseLock.TakeOrShare(_options.Memory.Path, passed) : DatabaseLock.Take(_options.Memory.Path);
        }
        catch (Exception exception) when (exception is not DatabaseInUseException && exception is IOException or UnauthorizedAccessException)
        {
            _log.DatabaseNotLocked(_options.Memory.Path, exception.Message);
            return null;
        }
    }
}
