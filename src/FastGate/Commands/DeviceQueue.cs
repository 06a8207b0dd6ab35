namespace FastGate.Commands;

/// <summary>The commands that wait for one device, oldest first. Exists only while there are any. Owned by the worker except where noted.</summary>
internal sealed class DeviceQueue(string deviceId)
{
    private int _isRaised;

    public string DeviceId { get; } = deviceId;

    public LinkedList<WaitingCommand> Commands { get; } = [];

    /// <summary>The command that the device has and has not answered: the first of the list.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Any thread: true for the first of the reports that the worker has not seen yet.</summary>
    public bool TryRaise() => Interlocked.Exchange(ref _isRaised, 1) == 0;

    /// <summary>Before the worker looks at the device, so that a later report counts again.</summary>
    public void Lower() => Volatile.Write(ref _isRaised, 0);
}
