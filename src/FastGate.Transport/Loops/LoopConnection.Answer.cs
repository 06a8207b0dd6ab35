using FastGate.Transport.Input;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// The shorter way of input that its handler takes at once, as the pings of idle devices and the sound of those that listen: without a pipe. It is taken
/// only while no pipe and no other connection holds bytes, and what it cannot finish is left to a pipe. Budget: no allocation (LoopInputCallTests).
/// </summary>
internal partial class LoopConnection
{
    /// <summary>There is input for a connection that waits without a pipe.</summary>
    private void ReceiveForCall(IInputHandler handler)
    {
        LoopBuffers buffers = _loop.Buffers;
        if (!IsReadable || IsReadCancelled || _loop.ReadsLeft <= 0 || buffers.AreLent)
        {
            Pipe.Reader.OnReadable();
            return;
        }

        _loop.ReadsLeft--;
        PipeSegment input = buffers.ReceiveBuffer();
        int count = Receive(input);
        if (count == -LinuxError.Again)
        {
            return;
        }

        // When the kernel may have more, it must be read in the same turn.
        if (count > 0 && !IsReadable && TryAnswer(handler, input.Array.AsSpan(0, count)))
        {
            return;
        }

        Pipe.Reader.OnReceived(count);
    }

    private bool TryAnswer(IInputHandler handler, ReadOnlySpan<byte> input)
    {
        LoopBuffers buffers = _loop.Buffers;
        int length = handler.TryAnswer(input, buffers.AnswerRoom(input.Length), _loop.TurnTickMs);
        if (length > 0)
        {
            buffers.Answers.Add(this, length);
        }

        return length != IInputHandler.NotTaken;
    }

    /// <summary>The kernel has not taken all of an answer.</summary>
    public void OnUnsent(UnsentAnswer answer)
    {
        if (answer.Error != 0)
        {
            Die(LinuxError.ToException(answer.Error));
        }
        else
        {
            Pipe.Writer.SendLater(answer.Rest);
        }

        EndCallback();
    }
}
