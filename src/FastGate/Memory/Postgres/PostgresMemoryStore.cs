using FastGate.Diagnostics;
using FastGate.Memory.Journal;
using Microsoft.Extensions.Logging;
using Npgsql;
using static FastGate.Memory.Postgres.PostgresExtensions;

namespace FastGate.Memory.Postgres;

/// <summary>
/// Memory in PostgreSQL, which several servers may share. An exchange is stored only if its server knew of all erasures of its device when its turn
/// began: what was said before may repeat erased content. The numbers of the erasures are the same for all servers; a refused append
/// reports the new ones. Each write is one round trip and one transaction, so a server that stops in between leaves no lock.
/// </summary>
internal sealed partial class PostgresMemoryStore : IMemoryStore
{
    private readonly PostgresSource _source;
    private readonly PostgresTables _tables;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _created;

    // Tells the erasures of this process from those of others.
    private readonly long _node = Random.Shared.NextInt64();

    // Owned by the reader thread.
    private readonly PostgresConnection _reading;

    // Set by the writer thread once the tables are known to be usable.
    private bool _usable;

    // Owned by the writer thread.
    private readonly PostgresConnection _writing;
    private readonly List<string> _erased = [];
    private long _checkedAt;
    private long? _knownErasure;
    private long _request = 1;
    private bool _logged;

    public PostgresMemoryStore(string connectionString, string tablePrefix, ILogger<PostgresMemoryStore> logger, TimeProvider time)
    {
        _source = new PostgresSource(connectionString);
        _tables = new PostgresTables(tablePrefix);
        _logger = logger;
        _time = time;
        _created = time.GetTimestamp();
        _reading = new PostgresConnection(_source);
        _writing = new PostgresConnection(_source);
    }

    public bool IsEnabled => true;

    /// <summary>Within this time a dialogue forgets what another server has erased, and an unreachable database is noticed.</summary>
    public TimeSpan CheckInterval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>An upper bound by the time of the last turn, because the ids have no index of their own.</summary>
    public long LastId { get; private set; }

    public void Open()
    {
        bool isNew = !_writing.IsOpen;
        if (!isNew && _time.GetElapsedTime(_checkedAt) < CheckInterval)
        {
            return;
        }

        _writing.Call(connection =>
        {
            if (isNew)
            {
                PostgresSchema.Upgrade(connection, _tables);
                ReadStart(connection);
            }

            using NpgsqlBatch batch = connection.CreateBatch().Then(_tables.Erasures, Parameter(_knownErasure!.Value));
            using NpgsqlDataReader rows = batch.ExecuteReader();
            NoteErasures(rows);
            return 0;
        });
        _checkedAt = _time.GetTimestamp();
        Volatile.Write(ref _usable, true);
        if (!_logged)
        {
            _logged = true;
            _logger.MemoryOpened(_source.Name);
        }
    }

    public IReadOnlyList<string> TakeErased()
    {
        if (_erased.Count == 0)
        {
            return [];
        }

        string[] erased = [.. _erased];
        _erased.Clear();
        return erased;
    }

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => _writing.Call(connection =>
    {
        using NpgsqlBatch batch = connection.CreateBatch().Then(_tables.Share).Then(
            _tables.SaveSummary,
            Parameter(deviceId),
            Parameter(PostgresText.Storable(summary.Text)),
            Parameter(summary.CoversTo),
            Parameter(summary.At.ToUnixTimeMilliseconds()),
            Parameter(previousCoversTo));
        batch.ExecuteNonQuery();
        return batch.BatchCommands[1].RecordsAffected > 0;
    });

    public int Erase(string deviceId)
    {
        int erased = _writing.Call(connection =>
        {
            using NpgsqlBatch batch = connection.CreateBatch()
                .Then(_tables.Exclude)
                .Then(_tables.ForgetErasures)
                .Then(_tables.Erase, Parameter(deviceId), Parameter(_node), Parameter(_request))
                .Then(_tables.Erasures, Parameter(_knownErasure!.Value));
            using NpgsqlDataReader rows = batch.ExecuteReader();
            rows.NextResult();
            int turns = rows.Read() ? (int)rows.GetInt64(0) : 0;
            rows.NextResult();

            // From now on this one is known: an append that was sent before it, and that a frozen server executes only now, is refused.
            NoteErasures(rows);
            return turns;
        });

        // Until it has succeeded the writer repeats this erasure before any other, with the same number of the request.
        _request++;
        return erased;
    }

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges) => _writing.Call(connection =>
    {
        long cutoffMs = cutoff.ToUnixTimeMilliseconds();
        int deleted = Delete(connection, _tables.DeleteOldTurns, Parameter(cutoffMs), Parameter(maxExchanges));
        if (deleted < maxExchanges)
        {
            Delete(connection, _tables.DeleteOldSummaries, Parameter(cutoffMs));
        }

        return deleted;
    });

    public DeviceMemory Load(string deviceId, int maxExchanges) => Read(connection =>
    {
        using NpgsqlBatch batch = connection.CreateBatch()
            .Then(_tables.Summary, Parameter(deviceId))
            .Then(_tables.Last, Parameter(deviceId), Parameter(Math.Max(0, maxExchanges)));
        using NpgsqlDataReader rows = batch.ExecuteReader();
        string? summary = rows.Summary()?.Text;
        rows.NextResult();
        List<StoredExchange> exchanges = rows.Exchanges(deviceId);
        exchanges.Reverse();
        return new DeviceMemory(summary, exchanges);
    });

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges) => Read(connection =>
    {
        // Two statements of one batch may see different summaries: the page begins after the one that is returned.
        StoredSummary? summary;
        using (NpgsqlBatch first = connection.CreateBatch().Then(_tables.Summary, Parameter(deviceId)))
        using (NpgsqlDataReader row = first.ExecuteReader())
        {
            summary = row.Summary();
        }

        using NpgsqlBatch batch = connection.CreateBatch().Then(
            _tables.After, Parameter(deviceId), Parameter((long)Math.Max(0, maxExchanges) + 1), Parameter(afterId ?? summary?.CoversTo ?? long.MinValue));
        using NpgsqlDataReader rows = batch.ExecuteReader();
        List<StoredExchange> exchanges = rows.Exchanges(deviceId);
        bool more = exchanges.Count > maxExchanges;
        if (more)
        {
            exchanges.RemoveAt(exchanges.Count - 1);
        }

        return new MemoryPage(summary, exchanges, more);
    });

    public void Dispose()
    {
        _writing.Dispose();
        _reading.Dispose();
        _source.Dispose();
    }

    /// <summary>Turns of this process may have begun since it started, so an erasure counts from then on. Once in a process.</summary>
    private void ReadStart(NpgsqlConnection connection)
    {
        // A failover may lead to a clock that is a little behind.
        TimeSpan sinceStart = _time.GetElapsedTime(_created) + TimeSpan.FromSeconds(1);
        using NpgsqlBatch batch = connection.CreateBatch().Then(_tables.Start, Parameter((long)sinceStart.TotalMicroseconds));
        using NpgsqlDataReader row = batch.ExecuteReader();
        row.Read();
        _knownErasure ??= row.GetInt64(0);
        LastId = Math.Max(LastId, ExchangeIds.LastOf(row.GetInt64(1)));
    }

    /// <summary>Returns whether there are some. Those of this process are known to its journal already.</summary>
    private bool NoteErasures(NpgsqlDataReader rows)
    {
        bool any = false;
        while (rows.Read())
        {
            any = true;
            _knownErasure = rows.GetInt64(0);
            if (rows.GetInt64(2) != _node)
            {
                _erased.Add(rows.GetString(1));
            }
        }

        return any;
    }

    private T Read<T>(Func<NpgsqlConnection, T> read)
    {
        if (!Volatile.Read(ref _usable))
        {
            throw new MemoryStoreException(MemoryFailure.CannotOpen, "the database is not open");
        }

        bool wasOpen = _reading.IsOpen;
        try
        {
            return _reading.Call(read);
        }
        catch (MemoryStoreException exception) when (wasOpen && exception.Failure == MemoryFailure.CannotOpen)
        {
            // The connection may have ended long ago, when the server restarted.
            return _reading.Call(read);
        }
    }

    private static int Delete(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        using NpgsqlBatch batch = connection.CreateBatch().Then(sql, parameters);
        return batch.ExecuteNonQuery();
    }
}
