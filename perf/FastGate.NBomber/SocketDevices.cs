using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using Pipelines.Sockets.Unofficial;

namespace FastGate.NBomber;

/// <summary>Devices whose sockets are pipes of Pipelines.Sockets.Unofficial; one is kept for each virtual user.</summary>
internal sealed class SocketDevices(FleetOptions options)
{
    private const int SourceCount = 64;

    private readonly ConcurrentDictionary<int, PipeDevice> _kept = new();
    private readonly FirmwareRequest _request = new(options.Host, "/xiaozhi/v1/", token: null);

    private int _numbers;

    /// <summary>Of a device that nobody else is: two under one id would throw each other out.</summary>
    public int NextNumber() => Interlocked.Increment(ref _numbers);

    /// <summary>A connection of its own.</summary>
    public async Task<PipeDevice> OpenAsync(int number, CancellationToken stop)
    {
        SocketConnection connection = await ConnectAsync(number);
        return await PipeDevice.OpenAsync(connection, connection, _request, options.Seed, number, stop);
    }

    /// <summary>Bare, for peers that are no devices.</summary>
    public Task<SocketConnection> ConnectAsync(int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketConnection.SetRecommendedClientOptions(socket);
        if (IPAddress.IsLoopback(options.Target.Address))
        {
            uint source = SourceAddresses.AddressOf(number, SourceCount);
            socket.Bind(new IPEndPoint((uint)IPAddress.HostToNetworkOrder((int)source), 0));
        }

        return SocketConnection.ConnectAsync(options.Target, socket: socket);
    }

    /// <summary>The virtual user's own device; null as long as it has none.</summary>
    public PipeDevice? Find(int number) => _kept.GetValueOrDefault(number);

    public void Keep(int number, PipeDevice device) => _kept[number] = device;

    /// <summary>Drops the virtual user's device, as firmware goes: without a close frame.</summary>
    public async Task DropAsync(int number)
    {
        if (_kept.TryRemove(number, out PipeDevice? device))
        {
            await device.DisposeAsync();
        }
    }

    public async Task DropAllAsync()
    {
        foreach (int number in _kept.Keys)
        {
            await DropAsync(number);
        }
    }
}
