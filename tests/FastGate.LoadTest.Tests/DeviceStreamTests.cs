using System.Buffers;
using System.Text;
using FastGate.LoadTest.Devices;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Tests;

public class DeviceStreamTests
{
    private static readonly string[] s_expected =
        ["upgraded", "Text {\"type\":\"pong\"}", "ping are you there", "Text one two three", "Binary " + new string('x', 300), "close 1001"];

    [Fact]
    public void Events_do_not_depend_on_how_the_bytes_are_cut()
    {
        byte[] bytes = Conversation();
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(s_expected, Read(bytes[..cut], bytes[cut..]));
        }

        Assert.Equal(s_expected, Read([.. bytes.Select(value => new[] { value })]));
    }

    [Fact]
    public void Refusal_ends_the_stream() =>
        Assert.Equal(["refused 503"], Read("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n"u8.ToArray(), Conversation()));

    [Fact]
    public void Answer_that_is_not_http_is_a_refusal() => Assert.Equal(["refused 0"], Read("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray()));

    [Fact]
    public void Masked_frame_of_the_server_violates_the_protocol()
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("HTTP/1.1 101 Switching Protocols\r\n\r\n"u8);
        FrameWriter.WriteMaskedFrame(output, Opcode.Text, fin: true, "x"u8, 1);
        Assert.Equal(["upgraded", "broken Masked"], Read(output.WrittenSpan.ToArray(), Conversation()));
    }

    [Fact]
    public void Nothing_is_read_after_the_end_until_reset()
    {
        var events = new RecordingEvents();
        var stream = new DeviceStream();
        stream.Read(Conversation().AsSpan(0, 40), events);
        stream.End();
        stream.Read(Conversation(), events);
        Assert.Empty(events.Log);
        stream.Reset();
        stream.Read(Conversation(), events);
        Assert.Equal(s_expected, events.Log);
    }

    private static List<string> Read(params byte[][] parts)
    {
        var events = new RecordingEvents();
        var stream = new DeviceStream();
        foreach (byte[] part in parts)
        {
            stream.Read(part, events);
        }

        return events.Log;
    }

    private static byte[] Conversation()
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"u8);
        FrameWriter.WriteFrame(output, Opcode.Text, fin: true, """{"type":"pong"}"""u8);
        FrameWriter.WriteFrame(output, Opcode.Text, fin: false, "one "u8);
        FrameWriter.WriteFrame(output, Opcode.Ping, fin: true, "are you there"u8);
        FrameWriter.WriteFrame(output, Opcode.Continuation, fin: false, "two "u8);
        FrameWriter.WriteFrame(output, Opcode.Continuation, fin: true, "three"u8);
        FrameWriter.WriteFrame(output, Opcode.Binary, fin: true, Encoding.ASCII.GetBytes(new string('x', 300)));
        FrameWriter.WriteClose(output, CloseStatus.GoingAway);
        return output.WrittenSpan.ToArray();
    }
}
