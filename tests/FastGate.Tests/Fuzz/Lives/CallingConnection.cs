using System.Buffers;
using System.IO.Pipelines;
using FastGate.Testing;
using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>
/// An in-memory connection that calls its handler with the input, as the event loops do, and offers some of it without a pipe first. Its input can be paused.
/// </summary>
internal sealed class CallingConnection(int seed, PipeOptions? toServer, PipeOptions? toPeer)
    : InMemoryConnection(toServer, toPeer), ICallingInput, IPausableInput
{
    /// <summary>Fills the room of an answer, so that a handler that reads it shows.</summary>
    private const byte Poison = 0xA5;

    // Owned by the loop of the connection.
    private readonly Random _random = new(seed);
    private IInputHandler? _handler;
    private bool _isPaused;

    /// <summary>Inputs that the handler took without a pipe. For the loop, and after the end.</summary>
    public int TakenAtOnce { get; private set; }

    private PipeReader Input => ((IDuplexPipe)this).Input;

    private PipeWriter Output => ((IDuplexPipe)this).Output;

    void ICallingInput.CallWithInput(IInputHandler handler) => _handler = handler;

    void ICallingInput.CancelPendingRead() => Input.CancelPendingRead();

    void ICallingInput.CancelPendingFlush() => Output.CancelPendingFlush();

    void IPausableInput.PauseInput() => _isPaused = true;

    void IPausableInput.ResumeInput()
    {
        _isPaused = false;

        // What was looked at during the pause would not be returned again.
        Input.CancelPendingRead();
    }

    public override async Task ServeAsync(ConnectionDelegate handler)
    {
        await handler(this);
        while (_handler is { } called)
        {
            _handler = null;
            await CallAsync(called);
        }
    }

    /// <summary>Until the handler continues as a task that ends.</summary>
    private async Task CallAsync(IInputHandler handler)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await Input.ReadAsync();
            }
            catch (Exception exception)
            {
                handler.OnInputFailed(exception);
                return;
            }

            if (_isPaused && !read.IsCanceled && !read.IsCompleted)
            {
                Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
            else if (!TryAnswer(handler, read) && handler.OnInput(read) is { } task)
            {
                await task;
                return;
            }
        }
    }

    private bool TryAnswer(IInputHandler handler, in ReadResult read)
    {
        if (read.IsCanceled || read.IsCompleted || read.Buffer.IsEmpty || _random.Next(4) == 0)
        {
            return false;
        }

        // The least that an event loop gives, and memory of its own for both, so that a handler that keeps or exceeds either is found.
        byte[] input = read.Buffer.ToArray();
        byte[] output = new byte[input.Length];
        output.AsSpan().Fill(Poison);
        int length = handler.TryAnswer(input, output, Environment.TickCount64);
        input.AsSpan().Fill(Poison);
        if (length == IInputHandler.NotTaken)
        {
            return false;
        }

        TakenAtOnce++;
        Input.AdvanceTo(read.Buffer.End);
        if (length > 0)
        {
            Output.Write(output.AsSpan(0, length));

            // As on an event loop, the rest of an answer is not waited for.
            ValueTask<FlushResult> flush = Output.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                _ = flush.Result;
            }
        }

        return true;
    }
}
