using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FastGate.Transport.Tls;

/// <summary>What the first message of a TLS client says, as far as the choice of a certificate and the reason of a refusal need it.</summary>
/// <param name="ServerName">The name of the server that the client wants (SNI).</param>
/// <param name="AcceptsEcdsa">Whether the client verifies ECDSA signatures, and offers a cipher suite that has them.</param>
/// <param name="OffersTls12">Whether the client offers TLS 1.2 or later.</param>
internal readonly record struct ClientHello(string? ServerName, bool AcceptsEcdsa, bool OffersTls12)
{
    private const int RecordHeader = 5;
    private const int LargestRecord = 16 * 1024;
    private const byte Handshake = 0x16;
    private const byte EcdsaSignature = 3;
    private const ushort Tls12 = 0x0303;

    /// <summary>
    /// Reads the first record. Only what cannot begin a TLS connection is invalid here; the library judges the rest and answers with an alert. Of a
    /// message that is malformed, or cut into several records, nothing is known.
    /// </summary>
    /// <param name="received">The bytes since the accept.</param>
    /// <param name="hello">What the message says.</param>
    /// <param name="length">The bytes of the record.</param>
    public static OperationStatus Read(ReadOnlySpan<byte> received, out ClientHello hello, out int length)
    {
        hello = new ClientHello(null, AcceptsEcdsa: true, OffersTls12: true);
        length = 0;
        bool isPossible = (received.Length < 1 || received[0] == Handshake)
            && (received.Length < 2 || received[1] == 3)
            && (received.Length < RecordHeader || BinaryPrimitives.ReadUInt16BigEndian(received[3..]) is >= 4 and <= LargestRecord)
            && (received.Length < RecordHeader + 1 || received[RecordHeader] == 1);
        if (!isPossible)
        {
            return OperationStatus.InvalidData;
        }

        if (received.Length < RecordHeader || received.Length < (length = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(received[3..])))
        {
            return OperationStatus.NeedMoreData;
        }

        var message = new HelloBytes(received[(RecordHeader + 1)..length]);
        var body = new HelloBytes(message.Take(message.ReadLength(3)));
        if (!message.IsBroken)
        {
            hello = ReadBody(ref body, hello);
        }

        return OperationStatus.Done;
    }

    private static ClientHello ReadBody(ref HelloBytes body, ClientHello unknown)
    {
        bool offersTls12 = body.ReadLength(2) >= Tls12;
        body.Take(32);
        body.Take(body.ReadLength(1));
        bool offersEcdsaSuite = HasEcdsaSuite(body.Take(body.ReadLength(2)));
        body.Take(body.ReadLength(1));
        if (body.IsBroken)
        {
            return unknown;
        }

        string? name = null;
        bool acceptsEcdsa = false;
        var extensions = new HelloBytes(body.IsEmpty ? [] : body.Take(body.ReadLength(2)));
        while (!extensions.IsEmpty && !extensions.IsBroken)
        {
            int type = extensions.ReadLength(2);
            var content = new HelloBytes(extensions.Take(extensions.ReadLength(2)));
            switch (type)
            {
                case 0:
                    name = ReadName(ref content);
                    break;
                case 13:
                    acceptsEcdsa = offersEcdsaSuite && HasEcdsa(content.Take(content.ReadLength(2)));
                    break;
                case 43:
                    offersTls12 = HasTls12(content.Take(content.ReadLength(1)));
                    break;
            }
        }

        return extensions.IsBroken ? unknown : new ClientHello(name, acceptsEcdsa, offersTls12);
    }

    private static string? ReadName(ref HelloBytes content)
    {
        content.ReadLength(2);
        int type = content.ReadLength(1);
        ReadOnlySpan<byte> name = content.Take(content.ReadLength(2));
        return type == 0 && name.Length is > 0 and <= 255 && Ascii.IsValid(name) ? Encoding.ASCII.GetString(name) : null;
    }

    private static bool HasEcdsa(ReadOnlySpan<byte> schemes)
    {
        for (int at = 0; at + 1 < schemes.Length; at += 2)
        {
            // RSA-PSS has the same second byte as ECDSA in no scheme: its first byte is 8.
            if (schemes[at + 1] == EcdsaSignature && schemes[at] is >= 2 and <= 6)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every suite of TLS 1.3, and of the TLS 1.2 suites with ECDHE and ECDSA those that the library may choose.</summary>
    private static bool HasEcdsaSuite(ReadOnlySpan<byte> suites)
    {
        for (int at = 0; at + 1 < suites.Length; at += 2)
        {
            ushort suite = BinaryPrimitives.ReadUInt16BigEndian(suites[at..]);
            if (suite >> 8 == 0x13 || suite is 0xC023 or 0xC024 or 0xC02B or 0xC02C or 0xCCA9)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasTls12(ReadOnlySpan<byte> versions)
    {
        for (int at = 0; at + 1 < versions.Length; at += 2)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(versions[at..]) is Tls12 or 0x0304)
            {
                return true;
            }
        }

        return false;
    }
}
