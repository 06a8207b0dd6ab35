using FastGate.Sessions;

namespace FastGate.Testing;

/// <summary>Records requests of management messages; they succeed unless the test sets an error.</summary>
internal sealed class RecordingManagement : IGatewayManagement
{
    public int Restarts { get; private set; }

    public bool ReloadSucceeds { get; set; } = true;

    /// <summary>The error of a restart request; null lets it succeed.</summary>
    public string? RestartRefusal { get; set; }

    public void BeginRestart(Action<string?> report)
    {
        Restarts += RestartRefusal is null ? 1 : 0;
        report(RestartRefusal);
    }

    public void BeginReload(Action<bool> completed) => completed(ReloadSucceeds);
}
