using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>The listening sockets: bound, or taken over.</summary>
public sealed partial class EventLoopTransport
{
    /// <inheritdoc/>
    public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(endPoint);
        var descriptors = new List<int>();
        try
        {
            for (int i = 0; i < _loops.Length; i++)
            {
                descriptors.Add(CreateListener(_endPoint ?? endPoint, isFirst: i == 0));
                _endPoint ??= LinuxSocket.LocalEndPoint(descriptors[0]) ?? throw new IOException("getsockname failed.");
            }
        }
        catch
        {
            _endPoint = null;
            descriptors.ForEach(static descriptor => LinuxSocket.Close(descriptor));
            throw;
        }

        _descriptors = [.. descriptors];
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public bool TryAdoptListeners(IReadOnlyList<int> listeners, IPEndPoint configured)
    {
        ArgumentNullException.ThrowIfNull(listeners);
        ArgumentNullException.ThrowIfNull(configured);
        if (ListenerAddress.OfAll(listeners, configured) is not { } bound)
        {
            return false;
        }

        foreach (int descriptor in listeners)
        {
            // The options may have changed with the image. When the kernel refuses one, the open listener still serves.
            LinuxSocket.SetNonBlocking(descriptor);
            LinuxSocket.DetachFilter(descriptor);
            LinuxSocket.SetStreamOptions(descriptor, _options);
            LinuxSocket.Listen(descriptor, _options.Backlog);
            LinuxSocket.SetReusePort(descriptor);
        }

        _endPoint = bound;
        _descriptors = [.. listeners];
        AddMissingListeners();
        return true;
    }

    /// <summary>A loop without a listener would get no new connection.</summary>
    private void AddMissingListeners()
    {
        try
        {
            while (_descriptors.Length < _loops.Length)
            {
                _descriptors = [.. _descriptors, CreateListener(_endPoint!, isFirst: false)];
            }
        }
        catch (IOException exception)
        {
            // Another user owns the port's first socket, for example: the listeners that are there accept for all.
            _logger.ListenersMissing(_loops.Length - _descriptors.Length, exception);
        }
    }

    /// <summary>
    /// The first listener binds without sharing the port, so that a port in use by another process is an error instead of half of the
    /// connections. It allows sharing afterwards, for the other loops.
    /// </summary>
    private int CreateListener(IPEndPoint endPoint, bool isFirst)
    {
        bool ipv6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        int descriptor = LinuxError.ThrowIfError(LinuxSocket.Create(ipv6), "socket");
        try
        {
            LinuxSocket.SetReuseAddress(descriptor);
            if (ipv6 && endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                LinuxSocket.SetDualMode(descriptor);
            }

            if (!isFirst)
            {
                LinuxError.ThrowIfError(LinuxSocket.SetReusePort(descriptor), "SO_REUSEPORT");
            }

            Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
            int length = LinuxAddress.Write(endPoint, address);
            int bound = LinuxSocket.Bind(descriptor, address[..length]);
            if (bound == -LinuxError.AddressInUse)
            {
                throw new AddressInUseException($"{endPoint} is in use by another process.");
            }

            LinuxError.ThrowIfError(bound, $"bind {endPoint}");
            if (isFirst && _loops.Length > 1)
            {
                LinuxError.ThrowIfError(LinuxSocket.SetReusePort(descriptor), "SO_REUSEPORT");
            }

            LinuxError.ThrowIfError(LinuxSocket.SetStreamOptions(descriptor, _options), "setsockopt");
            int listening = LinuxSocket.Listen(descriptor, _options.Backlog);
            if (listening == -LinuxError.AddressInUse)
            {
                throw new AddressInUseException($"{endPoint} is in use by another process.");
            }

            LinuxError.ThrowIfError(listening, "listen");
            return descriptor;
        }
        catch
        {
            LinuxSocket.Close(descriptor);
            throw;
        }
    }
}
