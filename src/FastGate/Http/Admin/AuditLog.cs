using System.Text;
using FastGate.Diagnostics;
using FastGate.Protocol.Handshake;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>
/// The audit log: one log line for each act, which no limit of the log leaves out, and the last acts in a ring for the API. It never holds texts,
/// secrets or arguments.
/// </summary>
internal sealed class AuditLog(ILogger logger, TimeProvider time)
{
    public const int Capacity = 1_000;

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly AuditRecord?[] _ring = new AuditRecord?[Capacity];
    private long _total;

    public void Add(AdminCaller caller, string act, string? target, int status, string outcome, string requestId)
    {
        string? shown = target is null ? null : HandshakeText.Render(Encoding.UTF8.GetBytes(target));
        lock (_lock)
        {
            long id = ++_total;
            _ring[id % Capacity] = new AuditRecord(id, time.GetUtcNow(), caller.Role, caller.Address, act, shown, status, outcome, requestId);
        }

        logger.AdminActed(act, shown ?? "the gateway", caller.Role.ToString(), caller.Address, outcome, status, requestId);
    }

    /// <summary>The newest acts, or those before the one with the number <paramref name="before"/>.</summary>
    public AuditPage Page(long? before, int limit)
    {
        lock (_lock)
        {
            long id = Math.Min(before - 1 ?? _total, _total);
            long oldest = Math.Max(1, _total - Capacity + 1);
            List<AuditRecord> acts = [];
            for (; id >= oldest && acts.Count < limit; id--)
            {
                acts.Add(_ring[id % Capacity]!);
            }

            return new AuditPage(_total, acts, id >= oldest && acts.Count > 0 ? FormattableString.Invariant($"{acts[^1].Id}") : null);
        }
    }
}
