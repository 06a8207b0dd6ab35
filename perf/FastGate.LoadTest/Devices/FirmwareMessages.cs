using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using FastGate.LoadTest.Speech;

namespace FastGate.LoadTest.Devices;

/// <summary>The messages of a device, with the firmware's text and order of keys.</summary>
internal static class FirmwareMessages
{
    /// <summary>Of a device without tools: the gateway asks it for none.</summary>
    public static ReadOnlySpan<byte> Hello =>
        """{"type":"hello","version":1,"features":{"mcp":false},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}"""u8;

    /// <summary>The same of a device whose frames have timestamps.</summary>
    public static ReadOnlySpan<byte> HelloOfVersion2 =>
        """{"type":"hello","version":2,"features":{"mcp":false},"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}"""u8;

    public static ReadOnlySpan<byte> Ping => """{"type":"ping"}"""u8;

    public static void WriteListenStart(IBufferWriter<byte> output, Guid session, SpeakingMode mode = SpeakingMode.Auto)
    {
        WriteSession(output, session);
        output.Write("\"type\":\"listen\",\"state\":\"start\",\"mode\":\""u8);
        output.Write(mode switch
        {
            SpeakingMode.Manual => "manual\"}"u8,
            SpeakingMode.Realtime => "realtime\"}"u8,
            _ => "auto\"}"u8,
        });
    }

    public static void WriteListenStop(IBufferWriter<byte> output, Guid session)
    {
        WriteSession(output, session);
        output.Write("\"type\":\"listen\",\"state\":\"stop\"}"u8);
    }

    public static void WriteDetect(IBufferWriter<byte> output, Guid session, ReadOnlySpan<char> text)
    {
        WriteSession(output, session);
        output.Write("\"type\":\"listen\",\"state\":\"detect\",\"text\":\""u8);
        Span<char> escaped = stackalloc char[1024];
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text, escaped, out _, out int length);
        Encoding.UTF8.GetBytes(escaped[..length], output);
        output.Write("\"}"u8);
    }

    public static void WriteAbort(IBufferWriter<byte> output, Guid session)
    {
        WriteSession(output, session);
        output.Write("\"type\":\"abort\",\"reason\":\"wake_word_detected\"}"u8);
    }

    private static void WriteSession(IBufferWriter<byte> output, Guid session)
    {
        output.Write("{\"session_id\":\""u8);
        session.TryFormat(output.GetSpan(36), out int length);
        output.Advance(length);
        output.Write("\","u8);
    }
}
