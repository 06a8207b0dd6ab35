using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastGate.Diagnostics;
using FastGate.Memory.Journal;

namespace FastGate.Memory;

/// <content>Reads: asked by anyone, carried out by the reader thread.</content>
internal sealed partial class MemoryWriter
{
    private int _readFailing;

    /// <summary>
    /// The summary and the last turns of a device, those just accepted among them. Runs on the reader thread; when that is refused,
    /// late or the store is in trouble, what the journal knows is the answer, which says that it is not whole. Only cancellation is thrown.
    /// </summary>
    public async ValueTask<DeviceMemory> LoadAsync(string deviceId, int maxTurns, CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return DeviceMemory.Empty;
        }

        long started = Stopwatch.GetTimestamp();
        var read = new StoreRead<DeviceMemory>(store => JournalOverlay.Load(_journal, store, deviceId, maxTurns));
        TimeSpan wait = Volatile.Read(ref _readFailing) == 0 ? _limits.LoadWait : _limits.LoadWaitInTrouble;
        string outcome = "refused";
        try
        {
            if (_reader.TryAdd(read))
            {
                DeviceMemory memory = await read.Task.WaitAsync(wait, cancellationToken);
                Volatile.Write(ref _readFailing, 0);
                _metrics.Loaded("loaded", Stopwatch.GetElapsedTime(started).TotalSeconds);
                return memory;
            }

            ReadFailed("too many reads wait", null);
        }
        catch (OperationCanceledException)
        {
            read.Abandon();
            throw;
        }
        catch (TimeoutException)
        {
            read.Abandon();
            outcome = "late";
            ReadFailed("the store does not answer in time", null);
        }
        catch (Exception exception)
        {
            outcome = "failed";
            ReadFailed(exception.Message, exception);
        }

        _metrics.Loaded(outcome, Stopwatch.GetElapsedTime(started).TotalSeconds);
        return new DeviceMemory(null, _journal.Snapshot(deviceId, maxTurns).Turns) { IsWhole = false };
    }

    /// <summary>
    /// A stretch of a device's turns after an id (null: after what its summary covers), those just accepted among them. Throws
    /// <see cref="MemoryStoreException"/> or <see cref="TimeoutException"/>: who asks for all of it must not take less for all.
    /// </summary>
    public async ValueTask<MemoryPage> ReadAfterAsync(string deviceId, long? afterId, int maxTurns, CancellationToken cancellationToken)
    {
        if (!Enabled)
        {
            return MemoryPage.Empty;
        }

        var read = new StoreRead<MemoryPage>(store => JournalOverlay.ReadAfter(_journal, store, deviceId, afterId, maxTurns));
        if (!_reader.TryAdd(read))
        {
            throw new MemoryStoreException(MemoryFailure.Locked, "too many reads wait");
        }

        try
        {
            return await read.Task.WaitAsync(_limits.ExportWait, cancellationToken);
        }
        catch (Exception exception)
        {
            read.Abandon();
            HealIfCorrupt(exception);
            throw;
        }
    }

    /// <summary>All that is kept of a device, page by page, oldest first; every page carries the summary. Fails as <see cref="ReadAfterAsync"/> does.</summary>
    public async IAsyncEnumerable<MemoryPage> ExportAsync(string deviceId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int TurnsOfPage = 500;
        long after = long.MinValue;
        while (true)
        {
            MemoryPage page = await ReadAfterAsync(deviceId, after, TurnsOfPage, cancellationToken);
            yield return page;
            if (!page.More || page.Turns.Count == 0)
            {
                yield break;
            }

            after = page.Turns[^1].Id;
        }
    }

    private void ReadFailed(string reason, Exception? exception)
    {
        if (Interlocked.Exchange(ref _readFailing, 1) == 0)
        {
            _logger.MemoryReadFailed(reason);
        }

        HealIfCorrupt(exception);
    }

    // Healing a damaged file moves it away, and only the writer may do that.
    private void HealIfCorrupt(Exception? exception)
    {
        if (exception is MemoryStoreException { Failure: MemoryFailure.Corrupt })
        {
            Volatile.Write(ref _heal, true);
            Hurry();
        }
    }
}
