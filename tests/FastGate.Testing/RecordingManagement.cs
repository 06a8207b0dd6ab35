using FastGate.Sessions;

namespace FastGate.Testing;

/// <summary>Keeps what management messages asked for; a reload succeeds unless told otherwise.</summary>
internal sealed class RecordingManagement : IGatewayManagement
{
    public int Restarts { get; private set; }

    public bool ReloadSucceeds { get; set; } = true;

    public void BeginRestart() => Restarts++;

    public void BeginReload(Action<bool> completed) => completed(ReloadSucceeds);
}
