using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.LoadTest.Speech;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Tests.Speech;

/// <summary>A server of one device that sends back what was said until <c>listen stop</c>, with one fault.</summary>
internal sealed class FaultyVoice : IAsyncDisposable
{
    private const int FrameMs = SpeechSource.FrameMs;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private VoiceFault _fault;
    private readonly Task _life;

    public FaultyVoice(VoiceFault fault)
    {
        _fault = fault;
        _listener.Start();
        _life = LiveAsync();
    }

    public IPEndPoint Target => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>After the device has disconnected.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _life;
    }

    private async Task LiveAsync()
    {
        using Socket socket = await _listener.AcceptSocketAsync();
        List<byte> bytes = [];
        List<byte[]> packets = [];
        byte[] buffer = new byte[64 * 1024];
        int taken = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var received)
            {
                bytes.AddRange(buffer.AsSpan(0, received));
                if (taken == 0 && Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end)
                {
                    taken = end + 4;
                    await socket.SendAsync("HTTP/1.1 101 Switching Protocols\r\n\r\n"u8.ToArray());
                }

                while (taken > 0 && ClientFrame.TryTake(bytes, ref taken, out ClientFrame frame))
                {
                    string text = Encoding.UTF8.GetString(frame.Payload);
                    if (frame.Opcode == 2)
                    {
                        Assert.True(AudioFrameReader.TryRead(AudioFraming.Version2, frame.Payload, out AudioFrame sound));
                        packets.Add(sound.Payload.ToArray());
                    }
                    else if (text.Contains("hello", StringComparison.Ordinal))
                    {
                        await socket.SendAsync(Frame($$"""{"type":"hello","session_id":"{{Guid.NewGuid()}}"}"""));
                    }
                    else if (text.Contains("stop", StringComparison.Ordinal))
                    {
                        await socket.SendAsync(Answer(packets).SelectMany(static message => message).ToArray());
                        packets.Clear();

                        // Once: on a busy machine the device may have a second turn.
                        _fault = VoiceFault.None;
                    }
                }
            }
        }
        catch (SocketException)
        {
            // The device has disconnected.
        }
    }

    private IEnumerable<byte[]> Answer(IReadOnlyList<byte[]> packets)
    {
        List<byte[]> frames = [.. packets.Select(static (packet, i) => Frame(packet, (uint)(i * FrameMs)))];
        int middle = frames.Count / 2;
        switch (_fault)
        {
            case VoiceFault.LoseFrame:
                frames.RemoveAt(middle);
                break;
            case VoiceFault.LoseEnd:
                frames.RemoveRange(middle, frames.Count - middle);
                break;
            case VoiceFault.DoubleFrame:
                frames.Insert(middle, frames[middle]);
                break;
            case VoiceFault.SwapFrames:
                (frames[middle], frames[middle + 1]) = (frames[middle + 1], frames[middle]);
                break;
            case VoiceFault.WrongNumber:
                frames[^1] = Frame(packets[^1], uint.MaxValue);
                break;
            case VoiceFault.NoFrame:
                frames.Insert(middle, Frame(2, [1, 2, 3]));
                break;
        }

        IEnumerable<byte[]> before = _fault == VoiceFault.FrameBeforeStart ? frames.Take(1) : [];
        IEnumerable<byte[]> after = _fault == VoiceFault.FrameAfterStop ? frames.Take(1) : [];
        return [.. before, Frame("""{"type":"tts","state":"start"}"""), .. frames, Frame("""{"type":"tts","state":"stop"}"""), .. after];
    }

    private static byte[] Frame(string text) => Frame(1, Encoding.UTF8.GetBytes(text));

    private static byte[] Frame(byte[] packet, uint timestamp)
    {
        var message = new ArrayBufferWriter<byte>();
        AudioFrameWriter.Write(message, AudioFraming.Version2, packet, timestamp: timestamp);
        return Frame(2, message.WrittenSpan);
    }

    private static byte[] Frame(int opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.WriteFrame(frame, (Opcode)opcode, fin: true, payload);
        return frame.WrittenSpan.ToArray();
    }
}
