using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Connections;

/// <summary>A device with a socket that checks every received message: its addressee and its order.</summary>
internal sealed partial class StressDevice : IDisposable
{
    private readonly Socket _socket;
    private readonly ScriptedDevice _device;
    private readonly Dictionary<string, long> _lastOfWriter = [];

    private StressDevice(string id, Socket socket)
    {
        Id = id;
        _socket = socket;
        _device = new ScriptedDevice(new NetworkStream(socket));
    }

    /// <summary>Every text about a device names it in full, and no name is the beginning of another.</summary>
    public string Id { get; }

    public static string IdOf(int client, int round) => string.Create(CultureInfo.InvariantCulture, $"device-{client}-{round}x");

    /// <summary>What writers post: the addressee and the number of the writer's message.</summary>
    public static byte[] Notice(string id, int writer, long number, int filling) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id} writer {writer} number {number} {new string('.', filling)}"));

    public static async Task<StressDevice> ConnectAsync(TransportHarness transport, string id, bool isSlow = false)
    {
        Socket socket = await transport.ConnectAsync(socket => socket.ReceiveBufferSize = isSlow ? 4 * 1024 : socket.ReceiveBufferSize);
        var device = new StressDevice(id, socket);
        Assert.StartsWith("HTTP/1.1 101 ", await device._device.UpgradeAsync(headers: $"Device-Id: {id}\r\n"), StringComparison.Ordinal);
        return device;
    }

    public async Task PingAsync()
    {
        await _device.SendTextAsync("""{"type":"ping"}""");
        while (!(await ReceiveAsync()).Contains("pong", StringComparison.Ordinal))
        {
        }
    }

    /// <summary>A whole turn: what was said comes back as heard and as the answer of the embedded echo, from the conversation's threads.</summary>
    public async Task SayAsync()
    {
        await _device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{Id}}"}""");
        bool isHeard = false;
        while (true)
        {
            string text = await ReceiveAsync();
            isHeard |= text.Contains(Id, StringComparison.Ordinal) && text.Contains("stt", StringComparison.Ordinal);
            if (text.Contains("tts", StringComparison.Ordinal) && text.Contains("stop", StringComparison.Ordinal))
            {
                Assert.True(isHeard, "The turn ended without what was said.");
                return;
            }
        }
    }

    /// <summary>The polite end: the server answers the close frame, after whatever was on its way.</summary>
    public async Task CloseAsync()
    {
        await _device.SendCloseAsync(CloseStatus.Normal);
        await DrainAsync();
    }

    /// <summary>Takes what comes until the server has said goodbye.</summary>
    public async Task DrainAsync()
    {
        while (await ReceiveFrameAsync() is { Opcode: not Opcode.Close })
        {
        }
    }

    /// <summary>Receives until the server closes, with or without a close frame.</summary>
    public async Task DrainOrBreakAsync()
    {
        try
        {
            await DrainAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // A reset, or an end in the middle of a frame.
        }
    }

    /// <summary>Goes without a word: with a reset, or by closing with unread input.</summary>
    public void Leave(bool reset)
    {
        if (reset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReceiveAsync()
    {
        ReceivedFrame frame = await ReceiveFrameAsync();
        Assert.Equal(Opcode.Text, frame.Opcode);
        return Encoding.UTF8.GetString(frame.Payload);
    }

    private async Task<ReceivedFrame> ReceiveFrameAsync()
    {
        ReceivedFrame frame = await _device.ReceiveFrameAsync();
        if (frame.Opcode == Opcode.Text)
        {
            Check(Encoding.UTF8.GetString(frame.Payload));
        }

        return frame;
    }

    private void Check(string text)
    {
        foreach (Match name in Name().Matches(text))
        {
            Assert.Equal(Id, name.Value);
        }

        Match notice = NoticeText().Match(text);
        if (notice.Success)
        {
            long number = long.Parse(notice.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
            string writer = notice.Groups["writer"].Value;
            Assert.True(number > _lastOfWriter.GetValueOrDefault(writer), "A notice came twice, or out of order.");
            _lastOfWriter[writer] = number;
        }
    }

    [GeneratedRegex(@"device-\d+-\d+x?")]
    private static partial Regex Name();

    [GeneratedRegex(@"writer (?<writer>\d+) number (?<number>\d+) ")]
    private static partial Regex NoticeText();
}
