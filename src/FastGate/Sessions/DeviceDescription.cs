namespace FastGate.Sessions;

/// <summary>
/// The device's description of itself (<c>iot</c> descriptors and states, <c>mcp</c> answers) as the JSON that it sent: the last message of each
/// kind, up to <see cref="MaxBytes"/>. Written by the loop, read by any thread: each array is replaced and never changed.
/// </summary>
internal sealed class DeviceDescription
{
    /// <summary>A tools/list page of the firmware is at most 8,000 bytes.</summary>
    public const int MaxBytes = 16 * 1024;

    private byte[]? _descriptors;
    private byte[]? _states;
    private byte[]? _mcp;

    public ReadOnlyMemory<byte> IotDescriptors => Volatile.Read(ref _descriptors);

    public ReadOnlyMemory<byte> IotStates => Volatile.Read(ref _states);

    public ReadOnlyMemory<byte> LastMcpPayload => Volatile.Read(ref _mcp);

    /// <summary>False for a message above <see cref="MaxBytes"/>, which is not kept.</summary>
    public bool KeepDescriptors(ReadOnlySpan<byte> json) => Keep(ref _descriptors, json);

    public bool KeepStates(ReadOnlySpan<byte> json) => Keep(ref _states, json);

    public bool KeepMcp(ReadOnlySpan<byte> json) => Keep(ref _mcp, json);

    private static bool Keep(ref byte[]? slot, ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return false;
        }

        Volatile.Write(ref slot, json.ToArray());
        return true;
    }
}
