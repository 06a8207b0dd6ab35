using FastGate.Testing;
using FastGate.Transport.Input;

namespace FastGate.Tests.Limits;

/// <summary>A client of a public address on a transport that can pause its input.</summary>
internal sealed class PausableConnection : InMemoryConnection, IPausableInput
{
    private volatile bool _isPaused;

    public PausableConnection() => RemoteEndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse("203.0.113.7"), 40_000);

    public bool IsPaused => _isPaused;

    public int Pauses { get; private set; }

    public void PauseInput()
    {
        Pauses++;
        _isPaused = true;
    }

    public void ResumeInput() => _isPaused = false;
}
