using FastGate.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>
/// Remembers the answers of acts by their <c>Idempotency-Key</c> for an hour. At the bound the oldest is forgotten and counted. A request that comes
/// while its act is in progress waits for it; an act that failed with a 5xx is run again. A restart in place forgets all.
/// </summary>
internal sealed class ActReplays(TimeProvider time, AdminMetrics metrics)
{
    public const int Capacity = 1_000;

    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();

    // Guarded by the lock. The list is in the order of arrival, which is that of expiry.
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();

    public async Task<AdminAnswer> RunAsync(string key, string fingerprint, Func<Task<AdminAnswer>> run, Action replayed)
    {
        while (true)
        {
            LinkedListNode<Entry> node = FindOrAdd(key, fingerprint, out bool mine);
            if (mine)
            {
                return await RunAsync(node, run);
            }

            if (node.Value.Fingerprint != fingerprint)
            {
                return AdminAnswer.Problem(StatusCodes.Status409Conflict, "the same Idempotency-Key was used for another act within the last hour");
            }

            if (await node.Value.Done.Task is AdminAnswer answer)
            {
                replayed();
                return answer;
            }
        }
    }

    private async Task<AdminAnswer> RunAsync(LinkedListNode<Entry> node, Func<Task<AdminAnswer>> run)
    {
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

            node.Value.Done.SetResult(kept);
        }
    }

    private LinkedListNode<Entry> FindOrAdd(string key, string fingerprint, out bool added)
    {
        lock (_lock)
        {
            while (_order.First is { } oldest && time.GetElapsedTime(oldest.Value.At) >= s_kept)
            {
                Remove(oldest);
            }

            if (_entries.TryGetValue(key, out LinkedListNode<Entry>? found))
            {
                added = false;
                return found;
            }

            if (_entries.Count == Capacity)
            {
                Remove(_order.First!);
                metrics.AnswerForgotten();
            }

            added = true;
            var done = new TaskCompletionSource<AdminAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _entries[key] = _order.AddLast(new Entry(key, fingerprint, time.GetTimestamp(), done));
        }
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

    /// <summary>One act. The result is null when it failed.</summary>
    private sealed record Entry(string Key, string Fingerprint, long At, TaskCompletionSource<AdminAnswer?> Done);
}
