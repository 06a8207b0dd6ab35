using System.Text;
using FastGate.Diagnostics;
using FastGate.Protocol.Handshake;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>
/// The audit log: for each act a line in the log, which no limit of the log leaves out, a line in a file that outlives the process, and a place in the ring
/// of the last acts for the API. It never holds texts, secrets or arguments.
/// </summary>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
/// <param name="file">Null for none: then the ring ends with the process.</param>
internal sealed class AuditLog(ILogger logger, TimeProvider time, AuditFile? file = null)
{
    public const int Capacity = 1_000;

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly AuditRecord?[] _ring = new AuditRecord?[Capacity];
    private long _total;
    private bool _isLoaded;
    private bool _isFailing;

    public void Add(AdminCaller caller, string act, string? target, int status, string outcome, string requestId)
    {
        string? shown = target is null ? null : HandshakeText.Render(Encoding.UTF8.GetBytes(target));
        lock (_lock)
        {
            Load();
            long id = _total + 1;
            var record = new AuditRecord(id, time.GetUtcNow(), caller.Role, caller.Address, act, shown, status, outcome, requestId);
            Keep(record);
            UseFile(() => file?.Append(record));
        }

        logger.AdminActed(act, shown ?? "the gateway", caller.Role.ToString(), caller.Address, outcome, status, requestId);
    }

    /// <summary>The newest acts, or those before the one with the number <paramref name="before"/>.</summary>
    public AuditPage Page(long? before, int limit)
    {
        lock (_lock)
        {
            Load();
            long id = Math.Min(before - 1 ?? _total, _total);
            long oldest = Math.Max(1, _total - Capacity + 1);
            List<AuditRecord> acts = [];
            for (; id >= oldest && acts.Count < limit; id--)
            {
                // Lines of the file that are damaged leave gaps.
                if (_ring[id % Capacity] is { } act && act.Id == id)
                {
                    acts.Add(act);
                }
            }

            return new AuditPage(_total, acts, id >= oldest && acts.Count > 0 ? FormattableString.Invariant($"{acts[^1].Id}") : null);
        }
    }

    /// <summary>The acts of earlier processes, at the first use.</summary>
    private void Load()
    {
        if (!_isLoaded)
        {
            _isLoaded = true;
            UseFile(() => file?.ReadLast(Capacity).ForEach(Keep));
        }
    }

    private void Keep(AuditRecord act)
    {
        _ring[act.Id % Capacity] = act;
        _total = Math.Max(_total, act.Id);
    }

    private void UseFile(Action use)
    {
        try
        {
            use();
            if (_isFailing)
            {
                _isFailing = false;
                logger.AuditFileRecovered();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                logger.AuditFileFailed(exception.Message);
            }
        }
    }
}
