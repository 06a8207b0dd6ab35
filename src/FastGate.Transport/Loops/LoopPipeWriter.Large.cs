using FastGate.Transport.Linux;
using FastGate.Transport.Output;

namespace FastGate.Transport.Loops;

/// <summary>Large pieces, which are sent from the caller's memory together with the scratch.</summary>
internal sealed partial class LoopPipeWriter : ILargeOutput
{
    public unsafe int SendNow(ReadOnlySpan<byte> bytes)
    {
        _connection.Loop.ThrowIfOffLoop();
        if (!HasScratch || HasPieces || _isWaiting || _isCompleted || _connection.IsDead)
        {
            return 0;
        }

        PipeSegment scratch = Buffers.Send;
        int sent;
        fixed (byte* written = scratch.Array)
        fixed (byte* more = bytes)
        {
            LinuxSocket.IoVector* pieces = stackalloc LinuxSocket.IoVector[2];
            pieces[0] = new LinuxSocket.IoVector { Start = written, Length = (nuint)scratch.End };
            pieces[1] = new LinuxSocket.IoVector { Start = more, Length = (nuint)bytes.Length };
            sent = LinuxSocket.Send(_connection.Descriptor, pieces, 2);
        }

        if (sent <= 0)
        {
            // The flush meets the same error.
            return 0;
        }

        if (sent < scratch.End)
        {
            KeepRest(sent);
            return 0;
        }

        int ofBytes = sent - scratch.End;
        Buffers.EndSendLoan();
        return ofBytes;
    }
}
