using System.Collections.Concurrent;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Sockets;
using Pipelines.Sockets.Unofficial;

namespace FastGate.NBomber;

/// <summary>Devices over Pipelines.Sockets.Unofficial; one is kept for each virtual user.</summary>
internal sealed class SocketDevices(FleetOptions options)
{
    private const int SourceCount = 64;

    private readonly ConcurrentDictionary<int, PipeDevice> _kept = new();
    private readonly FirmwareRequest _request = new(options.Host, "/xiaozhi/v1/", token: null);
    private readonly SourceAddresses _sources = new(options.Target, SourceCount);
    private int _numbers;

    /// <summary>A number that no other device has: the server closes the older of two connections with one id.</summary>
    public int NextNumber() => Interlocked.Increment(ref _numbers);

    /// <summary>Connects and says hello.</summary>
    public async Task<PipeDevice> OpenAsync(int number, CancellationToken stop)
    {
        SocketConnection connection = await ConnectAsync(number);
        return await PipeDevice.OpenAsync(connection, connection, _request, options.Seed, number, stop);
    }

    /// <summary>A connection without upgrade request and hello.</summary>
    public Task<SocketConnection> ConnectAsync(int number) => PipelinesSocket.ConnectAsync(options.Target, _sources.Of(number));

    /// <summary>The virtual user's own device; null when it has none.</summary>
    public PipeDevice? Find(int number) => _kept.GetValueOrDefault(number);

    public void Keep(int number, PipeDevice device) => _kept[number] = device;

    /// <summary>Drops the connection of the virtual user's device without a close frame, as firmware does.</summary>
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
