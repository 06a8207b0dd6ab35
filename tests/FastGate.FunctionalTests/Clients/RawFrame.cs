using System.Buffers.Binary;
using System.Text;

namespace FastGate.FunctionalTests.Clients;

/// <summary>A frame received from the server.</summary>
public sealed record RawFrame(bool Fin, int Opcode, byte[] Payload, bool IsCompressed = false)
{
    public const int Continuation = 0;
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    public string PayloadText => Encoding.UTF8.GetString(Payload);

    /// <summary>The status of a close frame; null for other frames and for an empty close.</summary>
    public int? CloseStatus => Opcode == Close && Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : null;
}
