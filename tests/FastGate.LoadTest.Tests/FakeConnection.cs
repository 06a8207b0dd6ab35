using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastGate.LoadTest.Tests;

/// <summary>A device's connection to the <see cref="FakeGateway"/>. <see cref="Received"/> is complete when <see cref="Life"/> has ended.</summary>
internal sealed class FakeConnection(Socket socket, bool served)
{
    public Socket Socket { get; } = socket;

    public bool Served { get; } = served;

    public IPAddress From { get; } = ((IPEndPoint)socket.RemoteEndPoint!).Address;

    public List<byte> Received { get; } = [];

    public Task Life { get; set; } = Task.CompletedTask;

    public string Text => Encoding.Latin1.GetString([.. Received]);

    public string DeviceId => Text.Split("Device-Id: ")[1].Split("\r\n")[0];
}
