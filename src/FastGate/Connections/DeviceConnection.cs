using System.IO.Pipelines;
using FastGate.Diagnostics;
using FastGate.Protocol.Identity;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Timers;
using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Connections;

/// <summary>
/// One device's connection, on any transport. It is its own timer entry, registry member and session output, so that an idle device costs one
/// object here. "The loop" below is the one logical thread that runs <see cref="RunAsync"/>; only it uses the pipe.
/// </summary>
internal partial class DeviceConnection(ConnectionServices services, ConnectionContext context)
    : TimerEntry, IRegisteredConnection, IDeviceOutbound, IInputHandler
{
    // Owned by the loop.
    private MessageAssembly? _assembly;
    private DeviceSession? _session;
    private HandshakeProgress? _handshake;
    private bool _unflushed;
    private bool _registered;
    private bool _finished;
    private bool _leaving;
    private bool _isCounted;
    private bool _callsAfterFlush;
    private byte _pauses;
    private uint _inputPaid;

    /// <summary>Window bits that the device's permessage-deflate allows; 0 without it.</summary>
    private byte _deflateBits;

    // Written by the loop; read by the timer thread and the admin API.
    private bool _isPaused;
    private string _deviceId = "";
    private ConnectionPhase _phase;
    private IdentitySource _identitySource;
    private long _openedMs;
    private long _phaseDeadlineMs = Never;
    private long _writeDeadlineMs = Never;
    private long _lastInboundMs;
    private long _busyUntilMs;

    // Written by the timer thread only.
    private long _warnedAtMs = Never;

    // Any thread, each through an interlocked operation.
    private int _endReason;
    private int _signals;
    private long _closeDeadlineMs = Never;
    private OutboundQueue _outbound;

    public string DeviceId => Volatile.Read(ref _deviceId);

    public DeviceSession? Session => Volatile.Read(ref _session);

    public ConnectionContext Context => context;

    public System.Net.EndPoint? RemoteEndPoint => context.RemoteEndPoint;

    public ConnectionEndReason EndReason => (ConnectionEndReason)Volatile.Read(ref _endReason);

    public IdentitySource IdentitySource => _identitySource;

    public ConnectionPhase Phase => _phase;

    public long OpenedMs => Volatile.Read(ref _openedMs);

    /// <summary>Bytes of an incomplete message. Any thread; only a snapshot.</summary>
    public int UnfinishedBytes => Volatile.Read(ref _assembly)?.Counted ?? 0;

    /// <summary>When that message began. Any thread.</summary>
    public long UnfinishedSinceMs => Volatile.Read(ref _assembly)?.SinceMs ?? 0;

    /// <summary>Whether a reply is being made or played. Any thread.</summary>
    public bool IsInTurn => Volatile.Read(ref _busyUntilMs) > services.Clock.NowMs;

    public long LastInboundMs => Volatile.Read(ref _lastInboundMs);

    /// <summary>The number of this connection in a directory of several nodes; 0 without one.</summary>
    private protected virtual long ClaimEpoch
    {
        get => 0;
        set { }
    }

    private PipeReader Input => context.Transport.Input;

    private PipeWriter Output => context.Transport.Output;

    /// <summary>
    /// The whole life of the connection, which the transport closes after it; or, on a transport that calls with input, the parts of it that wait for
    /// something else: TLS, a slow reader, the end.
    /// </summary>
    /// <remarks>
    /// One async method with one loop, because each further state machine would stay in memory while the device is idle.
    /// Budget: a message in and its pong out allocate nothing (ConnectionAllocationTests).
    /// </remarks>
    public async Task RunAsync()
    {
        bool isLeftToCalls = false;
        try
        {
            while (true)
            {
                if (_writeDeadlineMs != Never && !_leaving)
                {
                    OnWritten();
                }

                ValueTask<FlushResult> flush = Flush();
                if (!flush.IsCompletedSuccessfully)
                {
                    ExpectWrite();
                    await flush;
                    continue;
                }

                AfterFlush();
                if (_finished)
                {
                    break;
                }

                if (CallingInput is { } input)
                {
                    isLeftToCalls = true;
                    input.CallWithInput(this);
                    return;
                }

                Receive(await Input.ReadAsync());
            }

            if (_leaving)
            {
                Leave();
            }
            else if (Tls is { } tls)
            {
                // A read of the library still waits. The type of the value is that of the read above, so that the method's state does not grow.
                await tls.EndAsync();
            }
        }
        catch (Exception exception)
        {
            OnEscaped(exception);
        }
        finally
        {
            if (!isLeftToCalls)
            {
                Release();
            }
        }
    }

    /// <summary>Begins the life of an accepted connection. Before <see cref="RunAsync"/>.</summary>
    public void Accept()
    {
        services.Metrics.Accepted.Increment();
        long now = services.Clock.NowMs;
        _lastInboundMs = now;
        _phaseDeadlineMs = now + services.Timeouts.HandshakeMs;
        Count();
        services.Timers.Schedule(this);
    }

    /// <summary>Maps the exception that ended the loop to an end reason: a reset by the peer, an abort, or a defect.</summary>
    private void OnEscaped(Exception exception)
    {
        switch (exception)
        {
            case ConnectionResetException:
                TryEnd(ConnectionEndReason.PeerReset);
                ReportLost();
                break;
            case ConnectionAbortedException or OperationCanceledException or IOException or ObjectDisposedException:
                TryEnd(ConnectionEndReason.TransportError);
                ReportLost();
                break;
            default:
                TryEnd(ConnectionEndReason.ServerError);
                services.Log.Escaped(exception, context.ConnectionId, _deviceId);
                break;
        }
    }

    /// <remarks>
    /// The order matters. The registry first, so that no caller finds a connection whose session has ended. The turn is cancelled before the timer
    /// entry, so that a stuck call cannot outlive it. The phase is stored before the timer is cancelled, so that a thread that schedules the
    /// entry later finds no deadline. The buffers are returned last, after all reads.
    /// </remarks>
    private void Release()
    {
        LeaveRegistry();
        _session?.End();
        _phase = ConnectionPhase.Closed;
        services.Timers.Cancel(this);
        ReturnAssembly();
        Tls?.Dispose();
        for (OutboundMessage? message = _outbound.TakeAll(); message is not null; message = message.Next)
        {
            message.Hearing?.Drop();
            (message as OutboundMark)?.Complete(reached: false);
        }

        Uncount();
        if (_leaving)
        {
            services.Metrics.HandedOver.Increment();
            return;
        }

        TryEnd(ConnectionEndReason.TransportError);
        services.Metrics.ConnectionEnded(EndReason);
        if (_session is not null)
        {
            ReportEnd(_session);
            services.Fleet.Profiles.ConnectionEnded(_deviceId, EndReason.Tag(), services.Clock.NowMs - _openedMs);
        }

        if (_session is { } session && EndReason is not (ConnectionEndReason.RegistryFull or ConnectionEndReason.DuplicateRejected))
        {
            services.Webhooks?.Disconnected(_deviceId, session.SessionId, context.RemoteEndPoint, EndReason.Tag());
        }

        if (services.Log.IsEnabled(LogLevel.Debug))
        {
            // Reading ConnectionId creates the string, so only when the line is written.
            services.Log.Ended(context.ConnectionId, _deviceId, EndReason);
        }
    }

    private void LeaveRegistry()
    {
        if (_registered)
        {
            _registered = false;
            if (services.Registry.Remove(this) && !_leaving)
            {
                OnLeft();
            }
        }
    }

    /// <summary>The connection is in the registry now. Loop only.</summary>
    private protected virtual void OnRegistered()
    {
    }

    /// <summary>The connection has left the registry without a successor, here or with the next owner of its socket. Loop only.</summary>
    private protected virtual void OnLeft()
    {
    }
}
