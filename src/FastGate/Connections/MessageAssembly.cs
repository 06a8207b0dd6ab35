using System.Buffers;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>
/// A message assembler that a connection rents for one read, and longer only while a frame or message is incomplete, so that an idle device holds
/// none.
/// </summary>
internal sealed class MessageAssembly
{
    // One per thread. It is taken out while it is used, because a callback may make another connection read on the same thread.
    [ThreadStatic]
    private static MessageAssembly? t_spare;

    public MessageAssembler Messages;

    /// <summary>Bytes that are counted in <see cref="UnfinishedMessages"/>. Written by the connection's loop.</summary>
    public int Counted;

    /// <summary>When the message was first incomplete, by the gateway's clock. Written by the connection's loop.</summary>
    public long SinceMs;

    /// <summary>Received bytes that another owner of the connection has to handle; null for none. Written by the connection's loop.</summary>
    public ArrayBufferWriter<byte>? Unread;

    public static MessageAssembly Rent()
    {
        MessageAssembly spare = t_spare ?? new MessageAssembly();
        t_spare = null;
        return spare;
    }

    /// <summary>Returns the assembler and its buffer.</summary>
    public static void Return(MessageAssembly assembly)
    {
        assembly.Messages.Dispose();
        assembly.Messages = default;
        assembly.Unread = null;
        t_spare = assembly;
    }
}
