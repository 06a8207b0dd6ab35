using System.Text;
using FastGate.LoadTest.Devices;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Tests;

/// <summary>Records the events of a stream.</summary>
internal sealed class RecordingEvents : IDeviceEvents
{
    public List<string> Log { get; } = [];

    public void OnUpgraded() => Log.Add("upgraded");

    public void OnRefused(int status) => Log.Add($"refused {status}");

    public void OnMessage(Opcode opcode, ReadOnlySpan<byte> payload) => Log.Add($"{opcode} {Encoding.UTF8.GetString(payload)}");

    public void OnPing(ReadOnlySpan<byte> payload) => Log.Add($"ping {Encoding.UTF8.GetString(payload)}");

    public void OnClose(int status) => Log.Add($"close {status}");

    public void OnBroken(FrameError error) => Log.Add($"broken {error}");
}
