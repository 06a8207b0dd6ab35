using System.Diagnostics;
using FastGate.Diagnostics;

namespace FastGate.Memory.Journal;

/// <content>Reads: any thread asks, the reader thread executes.</content>
internal sealed partial class MemoryWriter
{
    private int _readFailing;

    /// <summary>
    /// The summary and the last exchanges of a device, pending ones included. When the read is refused, late or fails, the result is what
    /// the journal holds and is marked as not whole. Throws only on cancellation.
    /// </summary>
    public async ValueTask<DeviceMemory> LoadAsync(string deviceId, int maxExchanges, CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return DeviceMemory.Empty;
        }

        long started = Stopwatch.GetTimestamp();
        TimeSpan timeout = Volatile.Read(ref _readFailing) == 0 ? _limits.LoadWait : _limits.LoadWaitInTrouble;
        string outcome = "refused";
        try
        {
            if (_reader.TryReadAsync(store => JournalOverlay.Load(_journal, store, deviceId, maxExchanges), timeout, cancellationToken) is { } read)
            {
                DeviceMemory memory = await read;
                if (memory.Exchanges is [.., { } last])
                {
                    // Another server, whose clock is ahead, may have stored it.
                    _ids.StartAfter(last.Id);
                }

                Volatile.Write(ref _readFailing, 0);
                _metrics.Loaded("loaded", Stopwatch.GetElapsedTime(started).TotalSeconds);
                return memory;
            }

            ReadFailed("too many reads are waiting", null);
        }
        catch (TimeoutException)
        {
            outcome = "late";
            ReadFailed("the store does not answer in time", null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            outcome = "failed";
            ReadFailed(exception.Message, exception);
        }

        _metrics.Loaded(outcome, Stopwatch.GetElapsedTime(started).TotalSeconds);
        return new DeviceMemory(null, _journal.Snapshot(deviceId, maxExchanges).Exchanges) { IsWhole = false };
    }

    /// <summary>
    /// The exchanges of a device after an id (null: after those its summary covers), pending ones included. Throws
    /// <see cref="MemoryStoreException"/> or <see cref="TimeoutException"/>, because a part must not pass for the whole.
    /// </summary>
    public async ValueTask<MemoryPage> ReadAfterAsync(string deviceId, long? afterId, int maxExchanges, CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return MemoryPage.Empty;
        }

        try
        {
            return await (_reader.TryReadAsync(
                store => JournalOverlay.ReadAfter(_journal, store, deviceId, afterId, maxExchanges), _limits.ExportWait, cancellationToken)
                ?? throw new MemoryStoreException(MemoryFailure.Locked, "too many reads are waiting"));
        }
        catch (Exception exception)
        {
            RepairIfCorrupt(exception);
            throw;
        }
    }

    private void ReadFailed(string reason, Exception? exception)
    {
        if (Interlocked.Exchange(ref _readFailing, 1) == 0)
        {
            _logger.MemoryReadFailed(reason);
        }

        RepairIfCorrupt(exception);
    }

    // A repair moves the damaged file, which only the writer may do.
    private void RepairIfCorrupt(Exception? exception)
    {
        if (exception is MemoryStoreException { Failure: MemoryFailure.Corrupt })
        {
            Volatile.Write(ref _repair, true);
            WakeNow();
        }
    }
}
