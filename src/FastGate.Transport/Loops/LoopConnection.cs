using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using FastGate.Transport.Concurrency;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// A connection of an event loop. It owns no buffer while it is idle; its handler runs on the loop's thread. Members belong to the loop unless
/// marked "any thread".
/// </summary>
internal partial class LoopConnection : ConnectionContext, IDuplexPipe, IStackNode<LoopConnection>
{
    /// <summary>
    /// Reads that one connection may make in a turn before the others are served, while few have more input than their share.
    /// </summary>
    public const int ReadsPerTurn = 4;

    // Urgent data, because a receive ends at its mark although more bytes follow.
    private const uint WatchInput = LinuxEpoll.In | LinuxEpoll.Urgent | LinuxEpoll.ReadHangUp | LinuxEpoll.EdgeTriggered;

    private readonly EventLoop _loop;

    // Owned by the loop.
    private LoopConnectionStates _states;
    private int _discarded;

    // Written by the loop as one word; read by any thread.
    private ulong _packedRemote;

    // Any thread.
    private LoopConnectionExtras? _extras;
    private LoopSignals _signals;

    public LoopConnection(EventLoop loop, int descriptor, ReadOnlySpan<byte> address)
    {
        _loop = loop;
        Descriptor = descriptor;
        if (!LinuxAddress.TryPack(address, out _packedRemote))
        {
            Extras.RemoteEndPoint = LinuxAddress.Read(address);
        }
    }

    public EventLoop Loop => _loop;

    public int Descriptor { get; }

    public int Slot { get; set; }

    public uint Generation { get; set; }

    /// <summary>The next connection with signals.</summary>
    public LoopConnection? Next { get; set; }

    public bool IsReadable => (_states & LoopConnectionStates.Readable) != 0;

    /// <summary>Final on the loop; a snapshot on any other thread.</summary>
    public bool IsDead => (_states & LoopConnectionStates.Dead) != 0;

    public bool InputEnded => (_states & LoopConnectionStates.InputEnded) != 0;

    /// <summary>The descriptor is to be closed, or is closed.</summary>
    public bool IsClosePending => (_states & LoopConnectionStates.ClosePending) != 0;

    public bool IsClosed => (_states & LoopConnectionStates.Closed) != 0;

    private ref int SignalBits => ref Unsafe.As<LoopSignals, int>(ref _signals);

    /// <summary>Adds the connection to the loop. False when the kernel has no memory to watch it.</summary>
    public bool TryRegister(bool isAdopted)
    {
        _loop.Connections.Add(this);
        if (_loop.AddToEpoll(this, WatchInput) >= 0)
        {
            _loop.ConnectionAdded(isAdopted);
            return true;
        }

        _loop.Connections.Remove(this);
        return false;
    }

    /// <summary>Any thread. Several signals before the loop looks cost one entry in its list and one wake-up.</summary>
    public void Signal(LoopSignals signal)
    {
        var before = (LoopSignals)Interlocked.Or(ref SignalBits, (int)(signal | LoopSignals.Queued));
        if ((before & LoopSignals.Queued) == 0)
        {
            _loop.ScheduleSignals(this);
        }
    }

    /// <summary>Handles an event of epoll.</summary>
    public void OnEvents(uint events)
    {
        if (IsDead)
        {
            // A failed send has consumed the error; a receive would now report an orderly end.
            return;
        }

        if ((_states & LoopConnectionStates.Requeued) != 0 && (events & ~(LinuxEpoll.In | LinuxEpoll.Out)) == 0)
        {
            // The connection has had its share of this turn: it is served again when it is due, which also sends.
            _states |= (events & LinuxEpoll.In) != 0 ? LoopConnectionStates.Readable : LoopConnectionStates.None;
            return;
        }

        if ((events & ~LinuxEpoll.Out) != 0)
        {
            _states |= LoopConnectionStates.Readable;
            if ((events & ~(LinuxEpoll.Out | LinuxEpoll.In)) != 0)
            {
                _states |= LoopConnectionStates.PeerEnding;
            }

            OnReadable();
            if ((events & (LinuxEpoll.Error | LinuxEpoll.HangUp)) != 0)
            {
                // Both directions have ended, and no read may be waiting to notice.
                SignalClosed();
            }
        }

        // A callback may have run: read the state again.
        if ((events & (LinuxEpoll.Out | LinuxEpoll.Error | LinuxEpoll.HangUp)) != 0 && !IsDead)
        {
            OnWritable();
        }

        EndCallback();
    }

    /// <summary>Served again after the other connections.</summary>
    public void OnTurn()
    {
        _states &= ~LoopConnectionStates.Requeued;
        if (!IsClosed)
        {
            if (IsReadable)
            {
                OnReadable();
            }

            OnWritable();
            EndCallback();
        }
    }

    public void OnSignals()
    {
        // The next read takes the cancellation.
        var signals = (LoopSignals)Interlocked.And(ref SignalBits, (int)LoopSignals.ReadCancelled);
        if ((signals & LoopSignals.Abort) != 0)
        {
            OnAbort();
        }

        if (IsReadCancelled)
        {
            Pipe.Reader.OnCancel();
        }

        if ((signals & LoopSignals.Flush) != 0)
        {
            _pipe?.Writer.OnCancel();
        }

        if ((signals & LoopSignals.HandlerDone) != 0)
        {
            OnHandlerDone();
        }

        EndCallback();
    }

    /// <summary>Serves the connection again after the others; several calls count once.</summary>
    public void Requeue()
    {
        if ((_states & LoopConnectionStates.Requeued) == 0)
        {
            _states |= LoopConnectionStates.Requeued;
            _loop.Requeue(this);
        }
    }

    /// <summary>
    /// Receives into the segment's free space. Returns the number of bytes, 0 at the end of the input, or a negated errno;
    /// after <see cref="LinuxError.Again"/> an event follows.
    /// </summary>
    public unsafe int Receive(PipeSegment segment)
    {
        int room = Math.Min(segment.Free, _loop.BytesPerRead);
        int count;
        fixed (byte* pointer = &segment.Array[segment.End])
        {
            count = LinuxSocket.Receive(Descriptor, pointer, room);
        }

        if (count > 0)
        {
            // A short receive has emptied the kernel; the next byte is a new edge.
            if (count < room && (_states & LoopConnectionStates.PeerEnding) == 0)
            {
                _states &= ~LoopConnectionStates.Readable;
            }
        }
        else if (count == -LinuxError.Again)
        {
            _states &= ~LoopConnectionStates.Readable;
        }
        else if (count == 0)
        {
            _states |= LoopConnectionStates.InputEnded;
            SignalClosed();
        }
        else
        {
            Die(LinuxError.ToException(count));
        }

        return count;
    }

    /// <summary>Watches for space to send; an event follows at once if there already is some.</summary>
    public void WatchOutput()
    {
        if ((_states & LoopConnectionStates.WatchesOutput) == 0)
        {
            _states |= LoopConnectionStates.WatchesOutput;
            if (_loop.ChangeInEpoll(this, WatchInput | LinuxEpoll.Out) < 0)
            {
                Die(new IOException("The kernel has no memory left to watch the connection."));
            }
        }
    }

    private void OnReadable()
    {
        if ((_states & LoopConnectionStates.Discarding) != 0)
        {
            Discard();
        }
        else if (_pipe is null && InputHandler is { } handler)
        {
            ReceiveForCall(handler);
        }
        else
        {
            Pipe.Reader.OnReadable();
        }
    }
}
