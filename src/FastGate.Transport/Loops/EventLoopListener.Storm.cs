using FastGate.Transport.Accept;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>A storm of connects: more of them than one batch, or than the rate of all connects.</summary>
internal sealed unsafe partial class EventLoopListener
{
    /// <summary>Connects that are only accepted in one turn, which costs a fraction of serving them. It keeps the kernel's queue short.</summary>
    private const int WaitingBatch = 64;

    /// <summary>
    /// Refused connects in one turn, each of which takes 10 to 25 µs: an open connection waits for two batches at most, so for a fifth of a millisecond. The
    /// further turns of a flood cost it less than a tenth.
    /// </summary>
    private const int MostResets = 4;

    private long _nextTurnMs;

    private bool HasTurn => (_mayHaveMore && _waiting.HasRoom) || Environment.TickCount64 >= _nextTurnMs;

    private int StormTimeoutMs => (int)Math.Clamp(_nextTurnMs - Environment.TickCount64, 0, 1_000);

    private void ServeOrWait(int descriptor, ReadOnlySpan<byte> address)
    {
        if (TakeTurn())
        {
            Serve(descriptor, address);
        }
        else
        {
            _waiting.Push(new LoopConnect(descriptor, address), Environment.TickCount64);
            _metrics.WaitingChanged(1);
        }
    }

    /// <summary>Accepts what is there, closes who has waited too long, and serves one batch from the newest on.</summary>
    private void ServeStorm()
    {
        if (_mayHaveMore)
        {
            AcceptWaiting();
        }

        int before = _waiting.Count;
        long now = Environment.TickCount64;
        while (_waiting.TryPopExpired(now, _policy!.LongestWaitMs, out LoopConnect expired))
        {
            LinuxSocket.Reset(expired.Descriptor);
            _metrics.WaitExpired();
            _policy.OnClosed(LinuxAddress.ValueOf(expired.Address), AcceptRefusal.WaitExpired);
        }

        for (int i = 0; i < BatchSize && _waiting.Count > 0 && TakeTurn(); i++)
        {
            ServeNewest();
        }

        _metrics.WaitingChanged(_waiting.Count - before);
    }

    private void AcceptWaiting()
    {
        int before = _waiting.Count;
        byte* address = stackalloc byte[LinuxSocket.AddressSize];
        int refused = 0;
        for (int i = 0; i < WaitingBatch && _mayHaveMore && !_paused && _waiting.HasRoom && _resets < MostResets; i++)
        {
            int descriptor = Accept(address, ref refused);
            if (descriptor >= 0)
            {
                _waiting.Push(new LoopConnect(descriptor, new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize)), Environment.TickCount64);
            }
        }

        _metrics.WaitingChanged(_waiting.Count - before);
        if (refused == WaitingBatch)
        {
            // Refusals alone must not keep the loop busy.
            Pause(AcceptBackoff.FirstDelayMs);
        }
    }

    private bool TakeTurn()
    {
        int waitMs = _policy?.TakeTurn() ?? 0;
        _nextTurnMs = waitMs == 0 ? 0 : Environment.TickCount64 + waitMs;
        return waitMs == 0;
    }

    /// <summary>Before the listener passes to another owner: an accepted connection would be lost.</summary>
    private void ServeAllWaiting()
    {
        while (_waiting.Count > 0)
        {
            _metrics.WaitingChanged(-1);
            ServeNewest();
        }
    }

    private void ServeNewest()
    {
        LoopConnect newest = _waiting.PopNewest();
        Serve(newest.Descriptor, newest.Address);
    }

    private void CloseAllWaiting()
    {
        while (_waiting.Count > 0)
        {
            LinuxSocket.Close(_waiting.PopNewest().Descriptor);
            _metrics.WaitingChanged(-1);
        }
    }
}
