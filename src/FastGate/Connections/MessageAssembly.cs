using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>
/// A message assembler on loan to a connection: for the length of a read, and longer only while a frame or a message is unfinished, so
/// that an idle device costs none.
/// </summary>
internal sealed class MessageAssembly
{
    // One a thread is enough: it is taken out while it is used, for a callback may make another connection read on the same thread.
    [ThreadStatic]
    private static MessageAssembly? t_spare;

    public MessageAssembler Messages;

    public static MessageAssembly Rent()
    {
        MessageAssembly spare = t_spare ?? new MessageAssembly();
        t_spare = null;
        return spare;
    }

    /// <summary>Gives it back with whatever it holds.</summary>
    public static void Return(MessageAssembly assembly)
    {
        assembly.Messages.Dispose();
        assembly.Messages = default;
        t_spare = assembly;
    }
}
