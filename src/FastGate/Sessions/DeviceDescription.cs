namespace FastGate.Sessions;

/// <summary>
/// What a device told about itself (<c>iot</c> descriptors and states, <c>mcp</c> answers), kept as the JSON it sent for as long as the
/// session lives. Bounded: of each kind the last, and only up to <see cref="MaxBytes"/> each; a larger one is counted and not kept.
/// Written by the loop, read by any thread: each array is replaced whole and never changed.
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
