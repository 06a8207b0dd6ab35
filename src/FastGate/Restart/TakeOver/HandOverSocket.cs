using System.Net.Sockets;
using FastGate.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart.TakeOver;

/// <summary>
/// The Unix socket at which a new process asks for the hand-over. Only processes of the same user and of root are served, one at a time.
/// </summary>
/// <remarks>Any thread may dispose it. The accepting task owns the listening socket.</remarks>
internal sealed class HandOverSocket : IDisposable
{
    /// <summary>An accept fails without free descriptors; it is tried again after this time.</summary>
    private static readonly TimeSpan s_acceptAgain = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly Socket _listener;
    private readonly Func<HandOverChannel, Task<bool>> _handOver;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private int _isBusy;
    private volatile bool _isHandedOver;

    private HandOverSocket(string path, Socket listener, Func<HandOverChannel, Task<bool>> handOver, ILogger log)
    {
        (_path, _listener, _handOver, _log) = (path, listener, handOver, log);
        _ = AcceptAsync();
    }

    /// <param name="path">Replaced when no process listens at it.</param>
    /// <param name="replaces">The process that listens there is about to end: this one has taken over from it.</param>
    /// <param name="handOver">Carries out one hand-over; true when this process must end.</param>
    /// <param name="log">The log.</param>
    /// <returns>Null, and a line in the log, when the socket cannot be opened: the server works without it.</returns>
    public static HandOverSocket? TryOpen(string path, bool replaces, Func<HandOverChannel, Task<bool>> handOver, ILogger log)
    {
        if (!OperatingSystem.IsLinux())
        {
            log.TakeOverSocketFailed(path, "connections can be handed over on Linux only");
            return null;
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string created = $"{path}.{Environment.ProcessId}";
        try
        {
            if (!replaces && IsServed(path))
            {
                throw new IOException("another server listens there");
            }

            // No process can connect before the socket listens; then its mode is set, and its name replaces the old one in one step.
            File.Delete(created);
            listener.Bind(new UnixDomainSocketEndPoint(created));
            File.SetUnixFileMode(created, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
            File.Move(created, path, overwrite: true);
            return new HandOverSocket(path, listener, handOver, log);
        }
        catch (Exception exception) when (exception is IOException or SocketException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            log.TakeOverSocketFailed(path, exception.Message);
            return null;
        }
    }

    /// <summary>Connects to a running server. Throws <see cref="IOException"/> when there is none.</summary>
    public static HandOverChannel Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }

        var channel = new HandOverChannel(new DescriptorSocket(socket));
        if (channel.Peer.IsTrusted)
        {
            return channel;
        }

        channel.Dispose();
        throw new IOException("the process that listens there belongs to another user");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        if (!_isHandedOver)
        {
            File.Delete(_path);
        }
    }

    private static bool IsServed(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                Begin(new HandOverChannel(new DescriptorSocket(socket)));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception)
            {
                _log.TakeOverSocketFailed(_path, exception.Message);
                await Task.Delay(s_acceptAgain);
            }
        }
    }

    private void Begin(HandOverChannel channel)
    {
        string? refusal = !channel.Peer.IsTrusted ? "it belongs to another user"
            : _isHandedOver || Interlocked.Exchange(ref _isBusy, 1) != 0 ? "another hand-over is in progress"
            : null;
        if (refusal is null)
        {
            // It waits in system calls, so it has a thread of its own.
            _ = Task.Factory.StartNew(() => RunAsync(channel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return;
        }

        using (channel)
        {
            _log.TakeOverRefused(channel.Peer.ProcessId, channel.Peer.UserId, refusal);
            try
            {
                channel.SendText(HandOverFrameKind.Refuse, refusal, TimeSpan.Zero);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                // It has gone.
            }
        }
    }

    private async Task RunAsync(HandOverChannel channel)
    {
        using (channel)
        {
            try
            {
                _isHandedOver = await _handOver(channel);
            }
            catch (Exception exception)
            {
                _log.TakeOverSocketFailed(_path, exception.Message);
            }
        }

        Volatile.Write(ref _isBusy, 0);
    }
}
