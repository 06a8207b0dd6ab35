namespace FastGate.Tools.Device;

/// <summary>A request that a device has not answered. Its task has the result's JSON; what waits for it continues on its own thread.</summary>
internal sealed class PendingRequest(int id) : TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public int Id { get; } = id;

    public void Fail(string message, ToolCallOutcome outcome = ToolCallOutcome.Error)
    {
        _ = TrySetException(new DeviceToolException(message, outcome));

        // The waiting caller may have given up; its exception counts as observed.
        _ = Task.Exception;
    }
}
