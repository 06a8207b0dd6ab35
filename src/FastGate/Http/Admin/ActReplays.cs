using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>
/// Remembers the answers of acts by their <c>Idempotency-Key</c> for an hour, also over the end of the process. At the bound the oldest is forgotten and
/// counted. A request that comes while its act is in progress waits for it; an act that failed with a 5xx is run again. An act that was in progress when
/// the process ended is not: whether it was done is unknown. Without a database, or while it fails, acts run and are remembered by this process only.
/// </summary>
internal sealed class ActReplays(ActStore store, TimeProvider time, AdminMetrics metrics, ILogger logger)
{
    public const int Capacity = 1_000;

    private const string OtherAct = "the same Idempotency-Key was used for another act within the last hour";
    private const string UnknownOutcome =
        "the server ended during the act of this Idempotency-Key, so whether it was done is unknown; look at its effect, then use another key";

    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();

    // Guarded by the lock. The list is in the order of arrival, which is that of expiry.
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();
    private bool _isLoaded;
    private bool _isFailing;

    public async Task<AdminAnswer> RunAsync(string key, string fingerprint, Func<Task<AdminAnswer>> run, Action replayed)
    {
        while (true)
        {
            LinkedListNode<Entry> node = FindOrAdd(key, fingerprint, out bool mine);
            if (mine)
            {
                return await RunAsync(node, run);
            }

            if (node.Value.Fingerprint != fingerprint || node.Value.IsUnknown)
            {
                return AdminAnswer.Problem(StatusCodes.Status409Conflict, node.Value.Fingerprint != fingerprint ? OtherAct : UnknownOutcome);
            }

            if (await node.Value.Done.Task is AdminAnswer answer)
            {
                replayed();
                return answer;
            }
        }
    }

    /// <summary>The answer is stored before the caller gets it, and the key before the act begins: no end of the process makes the act run twice.</summary>
    private async Task<AdminAnswer> RunAsync(LinkedListNode<Entry> node, Func<Task<AdminAnswer>> run)
    {
        (string key, string fingerprint, DateTimeOffset at, _) = node.Value;
        Store(() => store.Begin(new KeptAct(key, fingerprint, at, null), at - s_kept, Capacity));
        AdminAnswer? kept = null;
        try
        {
            AdminAnswer answer = await run();
            kept = answer.Status < StatusCodes.Status500InternalServerError ? answer : null;
            return answer;
        }
        finally
        {
            if (kept is null)
            {
                lock (_lock)
                {
                    Remove(node);
                }
            }

            Store(() => store.End(key, kept));
            node.Value.Done.SetResult(kept);
        }
    }

    private LinkedListNode<Entry> FindOrAdd(string key, string fingerprint, out bool added)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            Load(now);
            while (_order.First is { } oldest && now - oldest.Value.At >= s_kept)
            {
                Remove(oldest);
            }

            if (_entries.TryGetValue(key, out LinkedListNode<Entry>? found))
            {
                added = false;
                return found;
            }

            added = true;
            return Add(new Entry(key, fingerprint, now, new TaskCompletionSource<AdminAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
    }

    /// <summary>At the first use, because most processes never act. Under the lock: a key must not be looked up before.</summary>
    private void Load(DateTimeOffset now)
    {
        if (_isLoaded)
        {
            return;
        }

        Store(() =>
        {
            foreach (KeptAct act in store.Load(now - s_kept))
            {
                // Acts of this process were added while the database could not be read.
                if (!_entries.ContainsKey(act.Key))
                {
                    var done = new TaskCompletionSource<AdminAnswer?>();
                    done.SetResult(act.Answer);
                    Add(new Entry(act.Key, act.Fingerprint, act.At, done) { IsUnknown = act.Answer is null });
                }
            }

            _isLoaded = true;
        });
    }

    private LinkedListNode<Entry> Add(Entry entry)
    {
        if (_entries.Count == Capacity)
        {
            Remove(_order.First!);
            metrics.AnswerForgotten();
        }

        return _entries[entry.Key] = _order.AddLast(entry);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        // It may have been removed at the bound while its act was in progress.
        if (node.List is not null)
        {
            _order.Remove(node);
            _entries.Remove(node.Value.Key);
        }
    }

    private void Store(Action change)
    {
        try
        {
            change();
            Volatile.Write(ref _isFailing, false);
        }
        catch (MemoryStoreException exception)
        {
            if (!Interlocked.Exchange(ref _isFailing, true))
            {
                logger.ActKeysNotKept(exception.Message);
            }
        }
    }

    /// <summary>One act. The result is null when it failed or its outcome is unknown.</summary>
    private sealed record Entry(string Key, string Fingerprint, DateTimeOffset At, TaskCompletionSource<AdminAnswer?> Done)
    {
        /// <summary>The process before this one ended during the act.</summary>
        public bool IsUnknown { get; init; }
    }
}
