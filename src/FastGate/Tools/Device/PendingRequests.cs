namespace FastGate.Tools.Device;

/// <summary>The requests that a device has not answered: one of the setup, and a bounded number of calls. Any thread; no lock.</summary>
internal sealed class PendingRequests
{
    /// <summary>Calls of one device at once. A turn makes them one after another or a few together.</summary>
    public const int MaxCalls = 8;

    private const string Left = "The device has left.";

    // The first slot is for the setup. A slot is claimed and released by compare-and-swap.
    private readonly PendingRequest?[] _slots = new PendingRequest?[1 + MaxCalls];
    private volatile bool _closed;

    /// <summary>Throws when the device has left, or has too many requests.</summary>
    public void Add(PendingRequest request, bool isCall)
    {
        foreach (ref PendingRequest? slot in isCall ? _slots.AsSpan(1) : _slots.AsSpan(0, 1))
        {
            if (Interlocked.CompareExchange(ref slot, request, null) is not null)
            {
                continue;
            }

            // Close() sees this request, or this thread sees that it is closed: both are full fences.
            if (_closed)
            {
                Remove(request);
                throw new DeviceToolException(Left, ToolCallOutcome.Closed) { IsUnsent = true };
            }

            return;
        }

        throw new DeviceToolException("The device is busy with other calls.", ToolCallOutcome.Refused) { IsUnsent = true };
    }

    /// <summary>The request of this id, which is then no longer pending; null when there is none.</summary>
    public PendingRequest? Take(int id)
    {
        foreach (ref PendingRequest? slot in _slots.AsSpan())
        {
            if (Volatile.Read(ref slot) is { } request && request.Id == id && Interlocked.CompareExchange(ref slot, null, request) == request)
            {
                return request;
            }
        }

        return null;
    }

    public void Remove(PendingRequest request)
    {
        foreach (ref PendingRequest? slot in _slots.AsSpan())
        {
            _ = Interlocked.CompareExchange(ref slot, null, request);
        }
    }

    /// <summary>The device has left: fails what is pending, and what comes later.</summary>
    public void Close()
    {
        _closed = true;
        foreach (ref PendingRequest? slot in _slots.AsSpan())
        {
            Interlocked.Exchange(ref slot, null)?.Fail(Left, ToolCallOutcome.Closed);
        }
    }
}
