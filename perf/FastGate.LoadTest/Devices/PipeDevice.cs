using System.Buffers;
using System.IO.Pipelines;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Devices;

/// <summary>
/// An awaitable device over any pipe, for tools with their own scheduler and sockets. One caller at a time.
/// </summary>
internal sealed class PipeDevice : IDeviceEvents, IAsyncDisposable
{
    private readonly IDuplexPipe _pipe;
    private readonly IDisposable? _connection;
    private readonly DeviceStream _stream = new();
    private readonly Queue<Received> _received = new();
    private readonly ArrayBufferWriter<byte> _text = new();
    private DeviceRandom _random;
    private string? _end;
    private bool _upgraded;
    private bool _pongWritten;

    private PipeDevice(IDuplexPipe pipe, IDisposable? connection, int seed, int number)
    {
        _pipe = pipe;
        _connection = connection;
        _random = new DeviceRandom(seed, number);
    }

    private enum Received
    {
        Other,
        Hello,
        Pong,
        Stt,
        Sentence,
        Stop,
        Audio,
    }

    public Guid Session { get; private set; }

    /// <summary>Upgrades, says hello and waits for the answer. The device owns pipe and connection afterwards.</summary>
    /// <exception cref="IOException">The server refused or closed the connection.</exception>
    public static async Task<PipeDevice> OpenAsync(
        IDuplexPipe pipe, IDisposable? connection, FirmwareRequest request, int seed, int number, CancellationToken stop)
    {
        var device = new PipeDevice(pipe, connection, seed, number);
        try
        {
            request.Write(pipe.Output, new FirmwareIdentity(seed, number));
            await device.FlushAsync(stop);
            while (!device._upgraded)
            {
                await device.ReadAsync(stop);
            }

            await device.SendAsync(Opcode.Text, FirmwareMessages.Hello.ToArray(), stop);
            await device.WaitForAsync(Received.Hello, stop);
            return device;
        }
        catch
        {
            await device.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task PingAsync(CancellationToken stop)
    {
        await SendAsync(Opcode.Text, FirmwareMessages.Ping.ToArray(), stop);
        await WaitForAsync(Received.Pong, stop);
    }

    /// <summary>Sends listen start and one audio frame every 60 ms.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task SpeakAsync(TimeSpan speech, CancellationToken stop)
    {
        _text.ResetWrittenCount();
        FirmwareMessages.WriteListenStart(_text, Session);
        await SendAsync(Opcode.Text, _text.WrittenMemory, stop);
        using var frames = new PeriodicTimer(TimeSpan.FromMilliseconds(OpusFrames.MillisecondsPerFrame));
        for (int left = (int)(speech.TotalMilliseconds / OpusFrames.MillisecondsPerFrame); left > 0; left--)
        {
            await frames.WaitForNextTickAsync(stop);
            await SendAsync(Opcode.Binary, OpusFrames.Next(ref _random).ToArray(), stop);
        }
    }

    /// <summary>Sends the recognized text and waits for the end of the answer. With barge-in it interrupts the first sentence.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task AskAsync(string text, bool bargeIn, CancellationToken stop)
    {
        await DetectAsync(text, stop);
        if (bargeIn)
        {
            await WaitForAsync(Received.Sentence, stop);
            _text.ResetWrittenCount();
            FirmwareMessages.WriteAbort(_text, Session);
            await SendAsync(Opcode.Text, _text.WrittenMemory, stop);
            await DetectAsync(text, stop);
        }

        await WaitForAsync(Received.Stop, stop);
    }

    /// <summary>Sends one frame to a server in echo mode and waits for it.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    public async Task EchoFrameAsync(CancellationToken stop)
    {
        await SendAsync(Opcode.Binary, OpusFrames.Next(ref _random).ToArray(), stop);
        await WaitForAsync(Received.Audio, stop);
    }

    /// <summary>Waits until the server has ended the connection.</summary>
    public async Task WaitForEndAsync(CancellationToken stop)
    {
        while (_end is null)
        {
            try
            {
                await ReadAsync(stop);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    /// <summary>Disconnects without a close frame, as firmware does.</summary>
    public async ValueTask DisposeAsync()
    {
        _stream.End();
        try
        {
            await _pipe.Output.CompleteAsync();
        }
        catch (IOException)
        {
            // The connection is closed: unsent bytes are lost.
        }

        await _pipe.Input.CompleteAsync();
        _connection?.Dispose();
    }

    private async Task DetectAsync(string text, CancellationToken stop)
    {
        _text.ResetWrittenCount();
        FirmwareMessages.WriteDetect(_text, Session, text);
        await SendAsync(Opcode.Text, _text.WrittenMemory, stop);

        // Sentences until then belong to the previous turn.
        await WaitForAsync(Received.Stt, stop);
    }

    private async Task SendAsync(Opcode opcode, ReadOnlyMemory<byte> payload, CancellationToken stop)
    {
        FrameWriter.WriteMaskedFrame(_pipe.Output, opcode, fin: true, payload.Span, (uint)_random.Next());
        await FlushAsync(stop);
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        FlushResult result = await _pipe.Output.FlushAsync(stop);
        if (result.IsCompleted)
        {
            throw new IOException("The server ended the connection.");
        }
    }

    private async Task WaitForAsync(Received wanted, CancellationToken stop)
    {
        while (true)
        {
            while (_received.TryDequeue(out Received received))
            {
                if (received == wanted)
                {
                    return;
                }
            }

            await ReadAsync(stop);
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        if (_end is not null)
        {
            throw new IOException(_end);
        }

        ReadResult result = await _pipe.Input.ReadAsync(stop);
        foreach (ReadOnlyMemory<byte> segment in result.Buffer)
        {
            _stream.Read(segment.Span, this);
        }

        _pipe.Input.AdvanceTo(result.Buffer.End);
        if (_pongWritten)
        {
            _pongWritten = false;
            await FlushAsync(stop);
        }

        if (result.IsCompleted)
        {
            _end ??= "The server ended the connection.";
        }

        if (_end is not null && _received.Count == 0)
        {
            throw new IOException(_end);
        }
    }

    void IDeviceEvents.OnUpgraded() => _upgraded = true;

    void IDeviceEvents.OnRefused(int status) => _end = $"The server refused with HTTP status {status}.";

    void IDeviceEvents.OnMessage(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == Opcode.Binary)
        {
            _received.Enqueue(Received.Audio);
            return;
        }

        GatewayReply reply = GatewayReplyReader.Read(payload, out Guid session);
        if (reply == GatewayReply.Hello)
        {
            Session = session;
        }

        _received.Enqueue(reply switch
        {
            GatewayReply.Hello => Received.Hello,
            GatewayReply.Pong => Received.Pong,
            GatewayReply.Stt => Received.Stt,
            GatewayReply.TtsSentence => Received.Sentence,
            GatewayReply.TtsStop => Received.Stop,
            _ => Received.Other,
        });
    }

    /// <summary>The read that received the ping flushes the pong.</summary>
    void IDeviceEvents.OnPing(ReadOnlySpan<byte> payload)
    {
        FrameWriter.WriteMaskedFrame(_pipe.Output, Opcode.Pong, fin: true, payload, (uint)_random.Next());
        _pongWritten = true;
    }

    void IDeviceEvents.OnClose(int status)
    {
    }

    void IDeviceEvents.OnBroken(FrameError error) => _end = $"The server violated the protocol: {error}.";
}
