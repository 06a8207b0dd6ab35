using System.Buffers;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Identity;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Transport.HandOver;

namespace FastGate.Connections;

/// <summary>Hand-over: the connection leaves this process with its state, or continues one that has come from another.</summary>
internal partial class DeviceConnection
{
    /// <summary>Masks the frames that are written again for the next owner. Any key will do: they never leave the machine.</summary>
    private const uint DeferredMask = 0x46_47_48_4F;

    /// <summary>False where the socket cannot pass to another owner: the transport does not support it, or the keys of TLS are in the library. Any thread.</summary>
    public bool CanLeave => Tls is null && context.Find<IDetachableConnection>() is not null;

    private bool IsAskedToLeave => (Volatile.Read(ref _signals) & (int)ConnectionSignals.HandOver) != 0;

    /// <summary>Requests that the connection detaches its socket and delivers its state. Any thread.</summary>
    /// <returns>False when its transport cannot detach it.</returns>
    public bool TryAskToLeave()
    {
        if (!CanLeave)
        {
            return false;
        }

        Signal(ConnectionSignals.HandOver);

        // A loop that waits for the device to take bytes reads no signals.
        if (CallingInput is { } input)
        {
            input.CancelPendingFlush();
        }
        else
        {
            Output.CancelPendingFlush();
        }

        return true;
    }

    /// <summary>Nothing has come from the device, and no turn was in progress, for that time. Any thread; only a snapshot.</summary>
    public bool IsIdleFor(TimeSpan age) => services.Clock.NowMs - LastActivityMs >= (long)age.TotalMilliseconds;

    /// <summary>Requests that a turn in progress ends at once. Any thread.</summary>
    public void CutTurn() => Signal(ConnectionSignals.CutTurn);

    public bool TryDefer()
    {
        if (!_finished)
        {
            _leaving = _finished = CanLeave;
        }

        return _leaving;
    }

    /// <summary>Continues a connection of another owner. Before <see cref="ContinueAsync"/>.</summary>
    public void Restore(ConnectionState state)
    {
        services.Metrics.Adopted.Increment();
        try
        {
            if (!TryRestore(state))
            {
                Lose(state);
            }
        }
        catch (Exception exception)
        {
            services.Log.Escaped(exception, context.ConnectionId, _deviceId);
            Lose(state);
        }

        Count();
        services.Timers.Schedule(this);
    }

    /// <summary>As <see cref="RunAsync"/>, first sending the bytes that waited for the device at the earlier owner.</summary>
    public Task ContinueAsync() => _writeDeadlineMs == Never ? RunAsync() : RunAfterAsync(Output.FlushAsync());

    private void TakeHandOver(ConnectionSignals signals)
    {
        if ((signals & ConnectionSignals.HandOver) != 0 && !_finished)
        {
            _leaving = _finished = true;
        }
    }

    /// <summary>Keeps a message that the next owner has to handle, and the input after it. Loop only, within a read.</summary>
    private void Defer(in AssembledMessage message, ReadOnlySpan<byte> rest)
    {
        ArrayBufferWriter<byte> unread = _assembly!.Unread = new ArrayBufferWriter<byte>(message.Payload.Length + rest.Length + FrameHeader.MaxSize);
        FrameWriter.WriteMaskedMessage(unread, message.Opcode, message.Payload, DeferredMask, services.MessageLimits.Frame);
        if (message.IsCompressed)
        {
            MarkCompressed(unread.WrittenMemory);
        }

        unread.Write(rest);
    }

    private void KeepUnread(ReadOnlySpan<byte> input) => _assembly!.Unread!.Write(input);

    /// <summary>
    /// Detaches the socket and delivers the state. The session is frozen first, so that nothing is written for it afterwards but what is in the queue;
    /// written bytes that the kernel does not take are in the state.
    /// </summary>
    private void Leave()
    {
        if (_phase is ConnectionPhase.Open or ConnectionPhase.Retiring)
        {
            _session!.Freeze();
            WriteQueued();
        }

        bool wasRegistered = _registered;
        LeaveRegistry();
        ConnectionState state = Save(out Task<EarState>? ear);

        // Not awaited: bytes that are not sent yet are handed over with the socket.
        _ = Output.FlushAsync().AsTask();
        if (context.Find<IDetachableConnection>()!.Detach() is not { } socket)
        {
            _leaving = false;
            if (wasRegistered)
            {
                OnLeft();
            }

            return;
        }

        state = state with
        {
            Descriptor = socket.Descriptor,
            UnreadInput = Join(state.UnreadInput, socket.UnreadInput),
            UnsentOutput = socket.UnsentOutput,
            WriteLeftMs = socket.UnsentOutput.IsEmpty ? -1 : state.WriteLeftMs < 0 ? services.Timeouts.WriteMs : state.WriteLeftMs,
        };
        services.HandOver.Deliver(new HandedOverConnection(state, ear));
    }

    private ConnectionState Save(out Task<EarState>? ear)
    {
        long now = services.Clock.NowMs;
        var partial = new ArrayBufferWriter<byte>();
        ear = null;
        if (_assembly is { Messages.IsInProgress: true } assembly)
        {
            assembly.Messages.Save(partial);
        }

        long active = LastActivityMs;
        long warned = Volatile.Read(ref _warnedAtMs);
        return new ConnectionState
        {
            Phase = (byte)_phase,
            DeviceId = _deviceId,
            IdentitySource = (byte)_identitySource,
            EndReason = (byte)EndReason,
            OpenedAgeMs = now - _openedMs,
            LastInboundAgeMs = now - (active == Never ? _lastInboundMs : active),
            WarnedAgeMs = warned == Never ? -1 : now - warned,
            PhaseLeftMs = Left(_phaseDeadlineMs, now),
            WriteLeftMs = Left(_writeDeadlineMs, now),
            CloseLeftMs = Left(Volatile.Read(ref _closeDeadlineMs), now),
            UnreadInput = _assembly?.Unread?.WrittenMemory ?? default,
            PartialMessage = partial.WrittenMemory,
            ClaimEpoch = ClaimEpoch,
            DeflateBits = _deflateBits,
            ReportedClient = SaveReportedClient(),
            Session = _phase is ConnectionPhase.Open or ConnectionPhase.Retiring ? _session!.Save(out ear) : null,
        };
    }

    private bool TryRestore(ConnectionState state)
    {
        var phase = (ConnectionPhase)state.Phase;
        bool hasSession = phase is ConnectionPhase.Open or ConnectionPhase.Retiring;
        if (phase >= ConnectionPhase.Closed
            || !Enum.IsDefined((IdentitySource)state.IdentitySource)
            || !Enum.IsDefined((ConnectionEndReason)state.EndReason)
            || hasSession != state.Session is not null
            || (hasSession && state.DeviceId.Length == 0)
            || (phase == ConnectionPhase.Closing && state.EndReason == 0)
            || state.DeflateBits is not (0 or >= 8 and <= 15)
            || !MessageAssembler.TryRestore(state.PartialMessage.Span, state.DeflateBits == 0 ? services.MessageLimits : services.DeflateLimits, out MessageAssembler messages))
        {
            return false;
        }

        RestoreReportedClient(state.ReportedClient.Span);
        DeviceSession? session = null;
        if (hasSession && (session = DeviceSession.TryRestore(services.Sessions, this, state.Session!)) is null)
        {
            return false;
        }

        long now = services.Clock.NowMs;
        _phase = phase;
        _deflateBits = state.DeflateBits;
        _identitySource = (IdentitySource)state.IdentitySource;
        _endReason = state.EndReason;
        ClaimEpoch = Math.Max(0, state.ClaimEpoch);
        _warnedAtMs = state.WarnedAgeMs < 0 ? Never : now - state.WarnedAgeMs;
        _closeDeadlineMs = Deadline(state.CloseLeftMs, now);
        Volatile.Write(ref _deviceId, state.DeviceId);
        Volatile.Write(ref _openedMs, now - state.OpenedAgeMs);
        Volatile.Write(ref _lastInboundMs, now - state.LastInboundAgeMs);
        Volatile.Write(ref _phaseDeadlineMs, Deadline(state.PhaseLeftMs, now));
        Volatile.Write(ref _writeDeadlineMs, Deadline(state.WriteLeftMs, now));
        Volatile.Write(ref _session, session);
        if (messages.IsInProgress)
        {
            _assembly = MessageAssembly.Rent();
            _assembly.Messages = messages;
            if (!TryKeepUnfinished())
            {
                TryEnd(ConnectionEndReason.MemoryPressure);
                EndUnfinished();
                return true;
            }
        }

        if (phase == ConnectionPhase.Open)
        {
            RegisterAgain();
        }

        session?.Resume(state.Session!);
        if (state.EndReason != 0 && phase != ConnectionPhase.Closing)
        {
            // Requested while the connection left.
            Signal(ConnectionSignals.Close);
        }

        return true;
    }

    /// <summary>The device has connected anew meanwhile, if its id is taken by a newer connection: that one stays.</summary>
    private void RegisterAgain()
    {
        switch (services.Registry.Register(this, out DeviceConnection? displaced, older => older.OpenedMs <= _openedMs))
        {
            case RegistrationResult.Full:
                TryEnd(ConnectionEndReason.RegistryFull);
                ExpectEnd();
                BeginClose();
                break;
            case RegistrationResult.Rejected:
                BeginRetiring();
                break;
            default:
                _registered = true;
                displaced?.OnReplaced();
                OnRegistered();
                break;
        }
    }

    /// <summary>The state cannot be continued: later input has no meaning, so the connection ends with the close frame.</summary>
    private void Lose(ConnectionState state)
    {
        services.Log.StateLost(context.ConnectionId, state.DeviceId);
        ReturnAssembly();
        Volatile.Write(ref _phaseDeadlineMs, Never);
        Volatile.Write(ref _writeDeadlineMs, Never);
        _endReason = (int)ConnectionEndReason.RestartLost;
        _finished = true;
        if (state.Phase != (byte)ConnectionPhase.Handshaking)
        {
            BeginClose();
        }
    }

    private static long Left(long deadlineMs, long now) => deadlineMs == Never ? -1 : Math.Max(0, deadlineMs - now);

    private static long Deadline(long leftMs, long now) => leftMs < 0 ? Never : now + leftMs;

    private static ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        if (first.IsEmpty || second.IsEmpty)
        {
            return first.IsEmpty ? second : first;
        }

        byte[] joined = new byte[first.Length + second.Length];
        first.CopyTo(joined);
        second.CopyTo(joined.AsMemory(first.Length));
        return joined;
    }
}
