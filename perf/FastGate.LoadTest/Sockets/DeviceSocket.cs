namespace FastGate.LoadTest.Sockets;

/// <summary>The TCP client of one device; it can connect again after a close. Used only by the thread of its loop.</summary>
internal abstract class DeviceSocket
{
    /// <summary>Bytes that the kernel has not accepted.</summary>
    public abstract int Unsent { get; }

    /// <summary>When false, received bytes stay in the kernel.</summary>
    public bool Reads { get; set; } = true;

    public abstract void Connect();

    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>No event of this connection is raised afterwards. Does nothing when the socket is closed.</summary>
    public abstract void Close();
}
