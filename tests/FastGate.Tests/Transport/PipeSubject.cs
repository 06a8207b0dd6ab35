using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>The pipe under test, of an event loop or of the framework, with the peer's end for the test.</summary>
internal sealed class PipeSubject
{
    private readonly Pipe? _toHandler;
    private readonly Pipe? _fromHandler;
    private readonly Socket? _peer;

    private PipeSubject(IDuplexPipe? transport, Socket? peer)
    {
        _peer = peer;
        if (transport is null)
        {
            var options = new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 1, resumeWriterThreshold: 1);
            _toHandler = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
            _fromHandler = new Pipe(options);
            Input = _toHandler.Reader;
            Output = _fromHandler.Writer;
        }
        else
        {
            Input = transport.Input;
            Output = transport.Output;
        }
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Runs the body with the subject. On an event loop every await of the body continues on the loop.</summary>
    public static async Task RunAsync(PipeKind kind, Func<PipeSubject, Task> body)
    {
        if (kind == PipeKind.Framework)
        {
            await body(new PipeSubject(null, null)).Within();
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = new TaskCompletionSource<Socket>();
        await using var harness = TransportHarness.Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1 });
        await harness.StartAsync(async connection =>
        {
            try
            {
                var subject = new PipeSubject(connection.Transport, await peer.Task);
                var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                EventLoop loop = ((LoopConnection)connection).Loop;
                loop.Post(
                    _ =>
                    {
                        SynchronizationContext.SetSynchronizationContext(new LoopContext(loop));
                        _ = RunBodyAsync(body, subject, finished);
                    },
                    null);
                await finished.Task;
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        using Socket socket = await harness.ConnectAsync();
        peer.SetResult(socket);
        await done.Task.Within();

        // A contract test causes no fault.
        Assert.Equal(0, harness.Count("faults"));
    }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_peer is not null)
        {
            _peer.Send(bytes);
            return;
        }

        bytes.CopyTo(_toHandler!.Writer.GetSpan(bytes.Length));
        _toHandler.Writer.Advance(bytes.Length);
        Assert.True(_toHandler.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
    }

    public void EndFeed()
    {
        if (_peer is not null)
        {
            _peer.Shutdown(SocketShutdown.Send);
        }
        else
        {
            _toHandler!.Writer.Complete();
        }
    }

    /// <summary>Resets the connection from the peer.</summary>
    public void Break()
    {
        if (_peer is not null)
        {
            _peer.LingerState = new LingerOption(true, 0);
            _peer.Close();
        }
        else
        {
            _toHandler!.Writer.Complete(new IOException("broken"));
            _fromHandler!.Reader.Complete();
        }
    }

    /// <summary>Receives exactly this many written bytes.</summary>
    public async Task<byte[]> TakeAsync(int count)
    {
        byte[] taken = new byte[count];
        if (_peer is not null)
        {
            for (int at = 0; at < count;)
            {
                int read = await _peer.ReceiveAsync(taken.AsMemory(at));
                Assert.NotEqual(0, read);
                at += read;
            }

            return taken;
        }

        ReadResult result = await _fromHandler!.Reader.ReadAtLeastAsync(count);
        System.Buffers.BuffersExtensions.CopyTo(result.Buffer.Slice(0, count), taken);
        _fromHandler.Reader.AdvanceTo(result.Buffer.GetPosition(count));
        return taken;
    }

    /// <summary>True when the writer has ended its side and all bytes have been received.</summary>
    public async Task<bool> HasEndedAsync()
    {
        if (_peer is not null)
        {
            return await _peer.ReceiveAsync(new byte[1]) == 0;
        }

        ReadResult result = await _fromHandler!.Reader.ReadAsync();
        return result.IsCompleted && result.Buffer.IsEmpty;
    }

    /// <summary>True when the peer receives an error and no bytes.</summary>
    public async Task<bool> IsBrokenAsync()
    {
        try
        {
            if (_peer is not null)
            {
                await _peer.ReceiveAsync(new byte[1]);
            }
            else
            {
                await _fromHandler!.Reader.ReadAsync();
            }

            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionReset;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static async Task RunBodyAsync(Func<PipeSubject, Task> body, PipeSubject subject, TaskCompletionSource done)
    {
        try
        {
            await body(subject);
            done.SetResult();
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }

    /// <summary>Posts continuations to the loop, for awaits of anything but the connection's pipe.</summary>
    private sealed class LoopContext(EventLoop loop) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => loop.Post(value => d(value), state);
    }
}
