using FastGate.Sessions;

namespace FastGate.Testing;

/// <summary>Keeps what management messages asked for; both succeed unless told otherwise.</summary>
internal sealed class RecordingManagement : IGatewayManagement
{
    public int Restarts { get; private set; }

    public bool ReloadSucceeds { get; set; } = true;

    /// <summary>Why a restart comes to nothing; null lets it begin.</summary>
    public string? RestartRefusal { get; set; }

    public void BeginRestart(Action<string?> told)
    {
        Restarts += RestartRefusal is null ? 1 : 0;
        told(RestartRefusal);
    }

    public void BeginReload(Action<bool> completed) => completed(ReloadSucceeds);
}
