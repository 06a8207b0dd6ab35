using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>Two transports in one process; connections arrive at the old one and pass to the new one.</summary>
internal sealed partial class HandOverHarness : IAsyncDisposable
{
    private HandOverHarness(TransportHarness old, TransportHarness next)
    {
        Old = old;
        Next = next;
    }

    public TransportHarness Old { get; }

    public TransportHarness Next { get; }

    public IHandOverTransport From => (IHandOverTransport)Old.Transport;

    public IHandOverTransport To => (IHandOverTransport)Next.Transport;

    public static async Task<HandOverHarness> StartAsync(
        TransportKind old, TransportKind next, ConnectionDelegate oldDelegate, ConnectionDelegate nextDelegate, TransportOptions? options = null) =>
        new(await TransportHarness.Create(old, options).StartAsync(oldDelegate), await TransportHarness.Create(next, options).StartAsync(nextDelegate));

    public Task<Socket> ConnectAsync() => Old.ConnectAsync();

    /// <summary>Copies of the listeners, as another process gets them.</summary>
    public static int[] CopyListeners(IHandOverTransport transport) => [.. transport.Listeners.Select(Copy)];

    public static int Copy(int descriptor)
    {
        int copy = Duplicate(descriptor);
        Assert.True(copy >= 0);
        return copy;
    }

    public static IPEndPoint Loopback(int port) => new(IPAddress.Loopback, port);

    public async ValueTask DisposeAsync()
    {
        await Old.DisposeAsync();
        await Next.DisposeAsync();
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
