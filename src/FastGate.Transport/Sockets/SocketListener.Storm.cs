using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Accept;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Sockets;

/// <content>More connects than the rate of all connects.</content>
internal sealed partial class SocketListener
{
    private readonly WaitingConnects<Socket> _waiting = new();

    /// <summary>Serves one batch from the newest on when its turn comes, and meanwhile accepts one more connect.</summary>
    private async Task ServeStormAsync(IAcceptPolicy policy, CancellationToken stop)
    {
        int turnMs = ServeWaiting(policy);
        if (_waiting.Count == 0)
        {
            return;
        }

        bool mayAccept = _waiting.HasRoom;
        Task accepting = mayAccept ? (_accept ??= socket.AcceptAsync(stop).AsTask()) : Task.CompletedTask;
        if (!mayAccept || !accepting.IsCompleted)
        {
            Task turn = DelayAsync(turnMs, stop);
            await (mayAccept ? Task.WhenAny(accepting, turn) : turn);
        }

        if (mayAccept && accepting.IsCompleted && await AcceptNextAsync(stop) is { } accepted)
        {
            Wait(accepted);
        }
    }

    /// <summary>Null when the peer has already reset the connection.</summary>
    private static UInt128? AddressOf(Socket accepted)
    {
        try
        {
            return accepted.RemoteEndPoint is IPEndPoint { Address: { } address } ? LinuxAddress.ValueOf(address) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Tell(UInt128? address, AcceptRefusal reason)
    {
        if (address is { } source)
        {
            options.Policy?.OnClosed(source, reason);
        }
    }

    private void Wait(Socket accepted)
    {
        _waiting.Push(accepted, Environment.TickCount64);
        metrics.WaitingChanged(1);
    }

    /// <summary>Closes who has waited too long and serves one batch. Returns the milliseconds until the next turn.</summary>
    private int ServeWaiting(IAcceptPolicy policy)
    {
        long now = Environment.TickCount64;
        while (_waiting.TryPopExpired(now, policy.LongestWaitMs, out Socket? expired))
        {
            metrics.WaitingChanged(-1);
            metrics.WaitExpired();
            UInt128? address = AddressOf(expired!);
            expired!.Close(0);
            Tell(address, AcceptRefusal.WaitExpired);
        }

        for (int i = 0; i < BatchSize && _waiting.Count > 0; i++)
        {
            if (policy.TakeTurn() is > 0 and var turnMs)
            {
                return turnMs;
            }

            ServeNewest();
        }

        return 0;
    }

    /// <summary>Before the listener passes to another owner: an accepted connection would be lost.</summary>
    private void ServeAllWaiting()
    {
        while (_waiting.Count > 0)
        {
            ServeNewest();
        }
    }

    private void ServeNewest()
    {
        metrics.WaitingChanged(-1);
        serve(_waiting.PopNewest());
    }

    private void CloseAllWaiting()
    {
        while (_waiting.Count > 0)
        {
            metrics.WaitingChanged(-1);
            _waiting.PopNewest().Dispose();
        }
    }
}
