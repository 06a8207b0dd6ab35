using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>A raw TCP client: sends any bytes, reads responses and frames, closes or resets.</summary>
public sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>permessage-deflate was negotiated: RSV1 may be set.</summary>
    public bool MayBeCompressed { get; set; }

    public static async Task<RawConnection> OpenAsync(int port, int receiveBuffer = 0, IPAddress? from = null)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        try
        {
            using CancellationTokenSource hang = new(Deadline.Hang);
            await socket.ConnectAsync(IPAddress.Loopback, port, hang.Token);
            return new RawConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection and completes the handshake with the ESP32's request.</summary>
    public static async Task<RawConnection> OpenDeviceAsync(int port, string deviceId, int receiveBuffer = 0, IPAddress? from = null)
    {
        RawConnection connection = await OpenAsync(port, receiveBuffer, from);
        try
        {
            await connection.SendAsync(DeviceTexts.Esp32Request(deviceId));
            HttpReply reply = await connection.ReadReplyAsync();
            Assert.Equal(101, reply.Status);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        while (!bytes.IsEmpty)
        {
            int sent = await _socket.SendAsync(bytes, hang.Token);
            bytes = bytes[sent..];
        }
    }

    /// <summary>Sends to a server that may have closed already; returns false when the connection was reset.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset instead of a FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <param name="hasBody">False for a response to HEAD, which has a Content-Length and no body.</param>
    public async Task<HttpReply> ReadReplyAsync(bool hasBody = true)
    {
        int headEnd;
        while ((headEnd = _buffer.AsSpan(_start.._end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync())
            {
                throw new EndOfStreamException($"The connection ended before the end of the response headers: '{Encoding.Latin1.GetString(_buffer, _start, _end - _start)}'.");
            }
        }

        string[] lines = Encoding.Latin1.GetString(_buffer, _start, headEnd).Split("\r\n");
        _start += headEnd + 4;
        string[] statusLine = lines[0].Split(' ', 3);
        Assert.Equal("HTTP/1.1", statusLine[0]);
        List<KeyValuePair<string, string>> headers = [];
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }

        HttpReply reply = new(int.Parse(statusLine[1], CultureInfo.InvariantCulture), headers, "");
        int bodyLength = !hasBody ? 0 : int.Parse(reply.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
        return reply with { Body = Encoding.UTF8.GetString(await ReadExactlyAsync(bodyLength)) };
    }

    /// <summary>Returns the next frame; null at the end of the connection. Asserts that the frame is unmasked and its reserved bits are allowed.</summary>
    public async Task<RawFrame?> ReadFrameAsync()
    {
        while (_end - _start < 2)
        {
            if (!await FillAsync())
            {
                return null;
            }
        }

        byte[] head = await ReadExactlyAsync(2);
        bool isCompressed = (head[0] & 0x40) != 0;
        Assert.Equal(0, head[0] & 0x30);
        Assert.True(!isCompressed || (MayBeCompressed && (head[0] & 0x0f) is RawFrame.Text or RawFrame.Binary), "RSV1 is set");
        Assert.Equal(0, head[1] & 0x80);
        ulong length = (ulong)(head[1] & 0x7f);
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadExactlyAsync(2));
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadUInt64BigEndian(await ReadExactlyAsync(8));
        }

        return new RawFrame((head[0] & 0x80) != 0, head[0] & 0x0f, await ReadExactlyAsync(checked((int)length)), isCompressed);
    }

    /// <summary>Skips frames until one with this opcode; null when the connection ends first.</summary>
    public async Task<RawFrame?> ReadFrameAsync(int opcode)
    {
        RawFrame? frame;
        do
        {
            frame = await ReadFrameAsync();
        }
        while (frame is not null && frame.Opcode != opcode);

        return frame;
    }

    /// <summary>Reads until FIN or reset. Fails with a timeout when the server keeps the connection open.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using MemoryStream all = new();
        do
        {
            all.Write(_buffer, _start, _end - _start);
            _start = _end = 0;
        }
        while (await FillAsync());

        return all.ToArray();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        int filled = 0;
        while (filled < count)
        {
            if (_start == _end && !await FillAsync())
            {
                throw new EndOfStreamException($"The connection ended {count - filled} bytes too early.");
            }

            int take = Math.Min(count - filled, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(bytes.AsSpan(filled));
            _start += take;
            filled += take;
        }

        return bytes;
    }

    private async Task<bool> FillAsync()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        using CancellationTokenSource hang = new(Deadline.Hang);
        try
        {
            int received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), hang.Token);
            _end += received;
            return received > 0;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The server neither responded nor closed the connection.");
        }
    }
}
