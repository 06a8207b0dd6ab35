namespace FastGate.Flight;

/// <summary>Recognises protocols other than HTTP/1.1 by the first bytes of a connection. Only for connections that failed; allocates nothing.</summary>
internal static class FirstBytes
{
    private const int Searched = 64;

    // The offset of the bytes, the bytes, the verdict and the name of the protocol.
    private static readonly (int Offset, byte[] Bytes, Verdict Verdict, string Name)[] s_signatures =
    [
        (0, [0x16, 0x03], Verdict.TlsOnPlainPort, "TLS"),
        (0, [.. "PRI * HTTP/2"u8], Verdict.Http2Preface, "HTTP/2"),
        (0, [.. "PROXY "u8], Verdict.ProxyHeaderUnexpected, "PROXY version 1"),
        (0, [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51], Verdict.ProxyHeaderUnexpected, "PROXY version 2"),
        (0, [0x03, 0x00, 0x00], Verdict.Rdp, "RDP"),
        (0, [.. "SSH-"u8], Verdict.Ssh, "SSH"),
        (4, [0xFF, (byte)'S', (byte)'M', (byte)'B'], Verdict.Smb, "SMB 1"),
        (4, [0xFE, (byte)'S', (byte)'M', (byte)'B'], Verdict.Smb, "SMB 2"),
        (0, [0x00, 0x00, 0x00, 0x08, 0x04, 0xD2, 0x16, 0x2F], Verdict.OtherProtocol, "PostgreSQL"),
        (0, [0x05, 0x01, 0x00], Verdict.OtherProtocol, "SOCKS 5"),
        (0, [0x05, 0x02, 0x00], Verdict.OtherProtocol, "SOCKS 5"),
        (0, [0x04, 0x01], Verdict.OtherProtocol, "SOCKS 4"),
        (0, [0x30, 0x0C, 0x02, 0x01], Verdict.OtherProtocol, "LDAP"),
        (0, [.. "JRMI"u8], Verdict.OtherProtocol, "Java RMI"),
        (0, [.. "*1\r\n$"u8], Verdict.OtherProtocol, "Redis"),
        (0, [.. "PING\r\n"u8], Verdict.OtherProtocol, "Redis"),
        (0, [.. "INFO\r\n"u8], Verdict.OtherProtocol, "Redis"),
        (0, [.. "EHLO "u8], Verdict.OtherProtocol, "SMTP"),
        (0, [.. "HELO "u8], Verdict.OtherProtocol, "SMTP"),
        (0, [.. "NICK "u8], Verdict.OtherProtocol, "IRC"),
        (0, [.. "AMQP"u8], Verdict.OtherProtocol, "AMQP"),
        (0, [.. "stats\r\n"u8], Verdict.OtherProtocol, "memcached"),
        (0, [.. "t3 "u8], Verdict.OtherProtocol, "WebLogic T3"),
        (0, [0xFF, 0xFB], Verdict.OtherProtocol, "Telnet"),
        (0, [0xFF, 0xFD], Verdict.OtherProtocol, "Telnet"),
        (0, [0x12, 0x34, 0x00], Verdict.OtherProtocol, "AJP"),
    ];

    // Protocols whose name is within the first line or the first packet.
    private static readonly (byte[] Text, string Name)[] s_names =
        [([.. " RTSP/1."u8], "RTSP"), ([.. " SIP/2.0"u8], "SIP"), ([.. "MQTT"u8], "MQTT"), ([.. "MQIsdp"u8], "MQTT 3.1")];

    /// <summary>The verdict and the name of the protocol; null for bytes that none of the known protocols begins with.</summary>
    public static (Verdict Verdict, string Name)? Find(ReadOnlySpan<byte> received)
    {
        foreach ((int offset, byte[] bytes, Verdict verdict, string name) in s_signatures)
        {
            if (received.Length >= offset + bytes.Length && received[offset..].StartsWith(bytes))
            {
                return (verdict, name);
            }
        }

        ReadOnlySpan<byte> text = received[..Math.Min(received.Length, Searched)];
        foreach ((byte[] part, string name) in s_names)
        {
            // The name comes after the request's method or the packet's length, never first.
            if (text.IndexOf(part) > 0 && (part[0] == ' ' || text[0] == 0x10))
            {
                return (Verdict.OtherProtocol, name);
            }
        }

        return null;
    }
}
