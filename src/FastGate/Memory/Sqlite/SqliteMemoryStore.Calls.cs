using Microsoft.Data.Sqlite;

namespace FastGate.Memory.Sqlite;

/// <content>The calls: each sorts SQLite's errors once and leaves no transaction behind.</content>
internal sealed partial class SqliteMemoryStore
{
    public void Append(IReadOnlyList<StoredExchange> turns) => Write(
        turns,
        static (writing, turns) =>
        {
            for (int i = 0; i < turns.Count; i++)
            {
                writing.Insert(turns[i]);
            }

            return 0;
        });

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => Write(
        (deviceId, summary, previousCoversTo),
        static (writing, call) => writing.SaveSummary(call.deviceId, call.summary, call.previousCoversTo)) != 0;

    public int Erase(string deviceId)
    {
        int erased = Write(deviceId, static (writing, deviceId) => writing.Erase(deviceId));

        // What is erased must not linger in the log. Best effort: a reader in the way leaves it to the next checkpoint.
        try
        {
            _writing!.Checkpoint();
        }
        catch (SqliteException exception)
        {
            Sort(exception);
        }

        return erased;
    }

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxTurns) => Write(
        (cutoff: cutoff.ToUnixTimeMilliseconds(), maxTurns),
        static (writing, call) => writing.DeleteOlderThan(call.cutoff, call.maxTurns));

    public DeviceMemory Load(string deviceId, int maxTurns) => Read(
        (deviceId, maxTurns),
        static (reading, call) => new DeviceMemory(reading.Summary(call.deviceId)?.Text, reading.Last(call.deviceId, call.maxTurns)));

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxTurns) => Read(
        (deviceId, afterId, maxTurns),
        static (reading, call) =>
        {
            StoredSummary? summary = reading.Summary(call.deviceId);
            List<StoredExchange> turns = reading.After(call.deviceId, call.afterId ?? summary?.CoversTo ?? long.MinValue, call.maxTurns + 1);
            bool more = turns.Count > call.maxTurns;
            if (more)
            {
                turns.RemoveAt(turns.Count - 1);
            }

            return new MemoryPage(summary, turns, more);
        });

    private int Write<TArgument>(TArgument argument, Func<SqliteWriting, TArgument, int> write)
    {
        SqliteWriting writing = _writing ?? throw NotOpen();
        try
        {
            writing.Begin();
            int result = write(writing, argument);
            writing.Commit();
            return result;
        }
        catch (SqliteException exception)
        {
            MemoryStoreException sorted = Sort(exception);
            if (!writing.TryRollback())
            {
                Volatile.Write(ref _reopen, true);
            }

            throw sorted;
        }
    }

    private TResult Read<TArgument, TResult>(TArgument argument, Func<SqliteReading, TArgument, TResult> read)
    {
        lock (_readGate)
        {
            SqliteReading reading = _reading ?? throw NotOpen();
            try
            {
                return read(reading, argument);
            }
            catch (SqliteException exception)
            {
                throw Sort(exception);
            }
        }
    }

    private static MemoryStoreException NotOpen() => new(MemoryFailure.CannotOpen, "the database is not open");
}
