using System.IO.Pipelines;
using FastGate.Transport.Concurrency;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// A connection of an event loop. It owns no buffer while it is idle; its handler's reads and flushes continue on the loop's
/// thread. Everything is the loop's unless it is said that any thread may call it.
/// </summary>
internal sealed partial class LoopConnection : ConnectionContext, IDuplexPipe, IStackNode<LoopConnection>
{
    /// <summary>
    /// Reads in one turn: what one busy peer may take before the others are served. Of a receive buffer each, that is 256 KiB, and up to
    /// some ten thousand of the smallest messages.
    /// </summary>
    public const int ReadsPerTurn = 4;

    private const uint WatchInput = LinuxEpoll.In | LinuxEpoll.ReadHangUp | LinuxEpoll.EdgeTriggered;

    private readonly EventLoop _loop;
    private readonly LoopPipeReader _input;
    private readonly LoopPipeWriter _output;
    private readonly ulong _packedRemote;

    // The loop's.
    private LoopConnectionStates _states;
    private Task? _handler;
    private int _discarded;

    // Any thread.
    private LoopConnectionExtras? _extras;
    private LoopSignals _signals;

    public LoopConnection(EventLoop loop, int descriptor, ReadOnlySpan<byte> address)
    {
        _loop = loop;
        Descriptor = descriptor;
        _input = new LoopPipeReader(this);
        _output = new LoopPipeWriter(this);
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

    public LoopPipeReader Reader => _input;

    public LoopPipeWriter Writer => _output;

    public bool IsReadable => (_states & LoopConnectionStates.Readable) != 0;

    /// <summary>Any thread, but only the loop's answer is the last word.</summary>
    public bool IsDead => (_states & LoopConnectionStates.Dead) != 0;

    public bool InputEnded => (_states & LoopConnectionStates.InputEnded) != 0;

    public bool IsClosed => (_states & LoopConnectionStates.Closed) != 0;

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>Puts the connection among the loop's. False when the kernel has no room to watch it.</summary>
    public bool TryRegister()
    {
        _loop.Connections.Add(this);
        if (_loop.AddToEpoll(this, WatchInput) >= 0)
        {
            _loop.ConnectionAdded();
            return true;
        }

        _loop.Connections.Remove(this);
        return false;
    }

    public void Start(ConnectionDelegate connectionDelegate)
    {
        Task handler;
        try
        {
            handler = connectionDelegate(this);
        }
        catch (Exception exception)
        {
            handler = Task.FromException(exception);
        }

        _handler = handler;
        EndCallback();
    }

    /// <summary>Any thread. Any number of signals before the loop looks cost one entry in its list and one wake-up.</summary>
    public void Signal(LoopSignals signal)
    {
        var before = (LoopSignals)Interlocked.Or(
            ref System.Runtime.CompilerServices.Unsafe.As<LoopSignals, int>(ref _signals), (int)(signal | LoopSignals.Queued));
        if ((before & LoopSignals.Queued) == 0)
        {
            _loop.ScheduleSignals(this);
        }
    }

    /// <summary>What epoll told.</summary>
    public void OnEvents(uint events)
    {
        if (IsDead)
        {
            // A send has found out first and taken the error with it: to a receive, what is left would look like a proper end.
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
                // Nobody may be reading, and both directions are over.
                TellClosed();
            }
        }

        // A callback has run in between: the state is looked at anew.
        if ((events & (LinuxEpoll.Out | LinuxEpoll.Error | LinuxEpoll.HangUp)) != 0 && !IsDead)
        {
            OnWritable();
        }

        EndCallback();
    }

    /// <summary>Another turn after the others had theirs.</summary>
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
        var signals = (LoopSignals)Interlocked.Exchange(
            ref System.Runtime.CompilerServices.Unsafe.As<LoopSignals, int>(ref _signals), 0);
        if ((signals & LoopSignals.Abort) != 0)
        {
            OnAbort();
        }

        if ((signals & LoopSignals.Read) != 0)
        {
            _input.OnSignal();
        }

        if ((signals & LoopSignals.HandlerDone) != 0)
        {
            OnHandlerDone();
        }

        EndCallback();
    }

    /// <summary>Asks for another turn, once.</summary>
    public void Requeue()
    {
        if ((_states & LoopConnectionStates.Requeued) == 0)
        {
            _states |= LoopConnectionStates.Requeued;
            _loop.Requeue(this);
        }
    }

    /// <summary>
    /// Receives into the segment's free space. The number of bytes; 0 at the end of the input; a negated errno, of which
    /// "again" means that an event will tell.
    /// </summary>
    public unsafe int Receive(PipeSegment segment)
    {
        int room = segment.Free;
        int count;
        fixed (byte* pointer = &segment.Array[segment.End])
        {
            count = LinuxSocket.Receive(Descriptor, pointer, room);
        }

        if (count > 0)
        {
            // Less than there was room for: the kernel is empty and the next byte is an edge of its own.
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
            TellClosed();
        }
        else
        {
            Die(LinuxError.ToException(count));
        }

        return count;
    }

    /// <summary>From now on the kernel tells when there is room to send. It tells at once if there is already.</summary>
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
        else
        {
            _input.OnReadable();
        }
    }

    /// <summary>
    /// After everything that may have continued the handler. One whose own task is what waits for this pipe goes nowhere but in such a
    /// callback, and to be told of its end would cost a delegate for each idle connection; any other is watched.
    /// </summary>
    private void EndCallback()
    {
        _loop.Buffers.EndLoans();
        if (_handler is null || (_states & LoopConnectionStates.HandlerWatched) != 0)
        {
            return;
        }

        if (_handler.IsCompleted)
        {
            Signal(LoopSignals.HandlerDone);
        }
        else if (!_input.IsAwaitedBy(_handler) && !_output.IsAwaitedBy(_handler))
        {
            _states |= LoopConnectionStates.HandlerWatched;
            _handler.GetAwaiter().UnsafeOnCompleted(() => Signal(LoopSignals.HandlerDone));
        }
    }
}
