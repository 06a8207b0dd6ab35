using System.IO.Compression;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Compression;

/// <summary>A device that has negotiated permessage-deflate. It shares no code with the server: zlib decompresses what the server sends.</summary>
public sealed class CompressedDevice : IDisposable
{
    private CompressedDevice(RawConnection connection, string? answer) => (Connection, Answer) = (connection, answer);

    public RawConnection Connection { get; }

    /// <summary>The server's <c>Sec-WebSocket-Extensions</c>; null when it has accepted no offer.</summary>
    public string? Answer { get; }

    /// <summary>Makes the handshake with these lines of <c>Sec-WebSocket-Extensions</c>.</summary>
    public static async Task<CompressedDevice> OpenAsync(int port, params string[] offers)
    {
        RawConnection connection = await RawConnection.OpenAsync(port);
        try
        {
            HttpReply reply = await OfferAsync(connection, offers);
            Assert.Equal(101, reply.Status);
            string? answer = reply.Header("Sec-WebSocket-Extensions");
            connection.MayBeCompressed = answer is not null;
            return new CompressedDevice(connection, answer);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a handshake with these lines of <c>Sec-WebSocket-Extensions</c> and returns its answer.</summary>
    public static async Task<HttpReply> OfferAsync(RawConnection connection, params string[] offers)
    {
        string lines = string.Concat(offers.Select(static offer => $"Sec-WebSocket-Extensions: {offer}\r\n"));
        string request = DeviceTexts.Esp32Request(Guid.NewGuid().ToString("N"));
        await connection.SendAsync(request.Replace("Upgrade: websocket\r\n", $"Upgrade: websocket\r\n{lines}", StringComparison.Ordinal));
        return await connection.ReadReplyAsync();
    }

    /// <summary>The frames of a message; the first one has RSV1 when the message is compressed.</summary>
    public static byte[] Frames(int opcode, byte[] payload, bool isCompressed, int frameLength = int.MaxValue)
    {
        using MemoryStream all = new();
        int start = 0;
        do
        {
            int end = (int)Math.Min(payload.Length, (long)start + frameLength);
            all.Write(ClientFrame.Build(
                start == 0 ? opcode : RawFrame.Continuation, payload[start..end], fin: end == payload.Length, rsv: start == 0 && isCompressed ? 4 : 0));
            start = end;
        }
        while (start < payload.Length);

        return all.ToArray();
    }

    /// <summary>Reads one message in one frame and decompresses it when it is compressed.</summary>
    public async Task<(int Opcode, byte[] Message, bool IsCompressed)> ReadAsync()
    {
        RawFrame frame = await Connection.ReadFrameAsync() ?? throw new EndOfStreamException("The server has closed the connection.");
        Assert.True(frame.Fin);
        return (frame.Opcode, frame.IsCompressed ? Decompress(frame.Payload) : frame.Payload, frame.IsCompressed);
    }

    public void Dispose() => Connection.Dispose();

    /// <summary>Nothing may be missing or left: a final block, put behind the removed bytes, must be where zlib ends.</summary>
    private static byte[] Decompress(byte[] payload)
    {
        byte[] marked = [.. payload, 0x00, 0x00, 0xFF, 0xFF, 0x01, 0x01, 0x00, 0xFE, 0xFF, 0xA5];
        using DeflateStream stream = new(new MemoryStream(marked), CompressionMode.Decompress);
        using MemoryStream output = new();
        stream.CopyTo(output);
        byte[] message = output.ToArray();
        Assert.Equal(0xA5, message[^1]);
        return message[..^1];
    }
}
