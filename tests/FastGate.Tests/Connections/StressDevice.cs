using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Connections;

/// <summary>A device with a socket that checks the addressee and the order of every received message.</summary>
internal sealed partial class StressDevice : IDisposable
{
    private readonly Socket _socket;
    private readonly ScriptedDevice _device;
    private readonly Dictionary<string, long> _lastNumberOfWriter = [];

    private StressDevice(string id, Socket socket)
    {
        Id = id;
        _socket = socket;
        _device = new ScriptedDevice(new NetworkStream(socket));
    }

    /// <summary>No id is the prefix of another, so that a message for another device is detected.</summary>
    public string Id { get; }

    public static string IdOf(int client, int round) => string.Create(CultureInfo.InvariantCulture, $"device-{client}-{round}x");

    /// <summary>A posted message: the addressee and the sequence number of the writer.</summary>
    public static byte[] Notice(string id, int writer, long number, int padding) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id} writer {writer} number {number} {new string('.', padding)}"));

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

    /// <summary>A whole turn: the text comes back as recognised text and as the reply of the embedded echo LLM.</summary>
    public async Task SayAsync()
    {
        await _device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{Id}}"}""");
        bool isRecognised = false;
        while (true)
        {
            string text = await ReceiveAsync();
            isRecognised |= text.Contains(Id, StringComparison.Ordinal) && text.Contains("stt", StringComparison.Ordinal);
            if (text.Contains("tts", StringComparison.Ordinal) && text.Contains("stop", StringComparison.Ordinal))
            {
                Assert.True(isRecognised, "The turn ended without the recognised text.");
                return;
            }
        }
    }

    /// <summary>Closes with a close frame and receives until the server answers it.</summary>
    public async Task CloseAsync()
    {
        await _device.SendCloseAsync(CloseStatus.Normal);
        await DrainAsync();
    }

    /// <summary>Receives until the server's close frame.</summary>
    public async Task DrainAsync()
    {
        while (await ReceiveFrameAsync() is { Opcode: not Opcode.Close })
        {
        }
    }

    /// <summary>Receives until the server closes, with or without a close frame.</summary>
    public async Task DrainOrFailAsync()
    {
        try
        {
            await DrainAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // A reset, or the end of the stream inside a frame.
        }
    }

    /// <summary>Disconnects without a close frame: with a reset, or with possibly unread input.</summary>
    public void Disconnect(bool reset)
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
            Assert.True(number > _lastNumberOfWriter.GetValueOrDefault(writer), "A notice was repeated or out of order.");
            _lastNumberOfWriter[writer] = number;
        }
    }

    [GeneratedRegex(@"device-\d+-\d+x?")]
    private static partial Regex Name();

    [GeneratedRegex(@"writer (?<writer>\d+) number (?<number>\d+) ")]
    private static partial Regex NoticeText();
}
