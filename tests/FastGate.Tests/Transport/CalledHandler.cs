using System.Buffers;
using System.IO.Pipelines;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>
/// Echoes what it is called with. The first byte can ask for more: '!' throws, 'q' ends, 't' echoes the next input as a task and then asks for calls again,
/// 's' does so at once.
/// Without a pipe 'f' is answered with the input that begins with 'g', 'F' with as much as there is room for, and 'n' not at all; the answer to 'p' cannot be sent. 'z' takes 20 ms. 'h' takes until <see cref="Release"/>, without an answer. 'k' waits for four bytes, 'b' is answered with <see cref="BigAnswer"/> bytes. A cancelled read is answered with 'c'.
/// </summary>
internal sealed class CalledHandler(ConnectionContext connection, TaskCompletionSource<Exception> failed) : IInputHandler
{
    /// <summary>More than the kernel takes for a peer that does not read.</summary>
    public const int BigAnswer = 32 * 1024 * 1024;

    /// <summary>The loop is in the handler of 'h'.</summary>
    public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends 'h'.</summary>
    public ManualResetEventSlim Release { get; } = new();

    private PipeReader Input => connection.Transport.Input;

    private PipeWriter Output => connection.Transport.Output;

    public Task RunAsync()
    {
        connection.Find<ICallingInput>()!.CallWithInput(this);
        return Task.CompletedTask;
    }

    /// <summary>What the loop's thread has allocated at the last two answers without a pipe.</summary>
    public (long Before, long Last) AllocatedAtAnswers { get; private set; }

    /// <summary>Bytes of all answers to 'F'.</summary>
    public int LongAnswers { get; private set; }

    /// <summary>Bytes that were taken without an answer.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Byte of the answers to 'F' at a position of all of them together.</summary>
    public static byte LongAnswerAt(int position) => (byte)(position % 251);

    public int TryAnswer(ReadOnlySpan<byte> input, Span<byte> output, long tickMs)
    {
        switch ((char)input[0])
        {
            case 'f':
                AllocatedAtAnswers = (AllocatedAtAnswers.Last, GC.GetAllocatedBytesForCurrentThread());
                input.CopyTo(output);
                output[0] = (byte)'g';
                return input.Length;
            case 'F':
                foreach (ref byte value in output)
                {
                    value = LongAnswerAt(LongAnswers++);
                }

                return output.Length;
            case 'n':
                Unanswered += input.Length;
                return 0;
            case 'z':
                Thread.Sleep(20);
                return 0;
            case 'p':
                _ = LinuxSocket.ShutdownSend(((LoopConnection)connection).Descriptor);
                return input.Length;
            default:
                return IInputHandler.NotTaken;
        }
    }

    public Task? OnInput(in ReadResult read)
    {
        byte first = read.Buffer.IsEmpty ? (byte)0 : read.Buffer.FirstSpan[0];
        if (first == '!')
        {
            throw new InvalidOperationException("on purpose");
        }

        if (first == 'k' && read.Buffer.Length < 4)
        {
            Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            return null;
        }

        if (first == 'h')
        {
            Held.SetResult();
            Release.Wait();
            Input.AdvanceTo(read.Buffer.End);
            return null;
        }

        Echo(read);
        if (first == 'b')
        {
            Output.Write(new byte[BigAnswer]);
            return WaitAsync(Output.FlushAsync());
        }

        ValueTask<FlushResult> flush = Output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            return WaitAsync(flush);
        }

        return read.IsCompleted || first == 'q' ? Task.CompletedTask : first == 't' ? ReadOnceAsync() : first == 's' ? RunAsync() : null;
    }

    public void OnInputFailed(Exception reason) => failed.TrySetResult(reason);

    private async Task WaitAsync(ValueTask<FlushResult> flush)
    {
        await flush;
        await RunAsync();
    }

    private async Task ReadOnceAsync()
    {
        Echo(await Input.ReadAsync());
        await Output.FlushAsync();
        await RunAsync();
    }

    private void Echo(in ReadResult read)
    {
        foreach (ReadOnlyMemory<byte> piece in read.Buffer)
        {
            Output.Write(piece.Span);
        }

        if (read.IsCanceled)
        {
            Output.Write("c"u8);
        }

        Input.AdvanceTo(read.Buffer.End);
    }
}
