namespace FastGate.LoadTest.Tests;

/// <summary>A frame of a device, unmasked.</summary>
internal readonly record struct ClientFrame(int Opcode, bool Fin, byte[] Payload)
{
    /// <summary>Takes the frame that begins at <paramref name="at"/>, if it is whole; devices send at most 65,535 bytes.</summary>
    public static bool TryTake(List<byte> bytes, ref int at, out ClientFrame frame)
    {
        frame = default;
        int rest = bytes.Count - at;
        int length = rest < 2 ? 0 : bytes[at + 1] & 0x7F;
        int header = length == 126 ? 8 : 6;
        if (rest < header)
        {
            return false;
        }

        length = length == 126 ? (bytes[at + 2] << 8) + bytes[at + 3] : length;
        if (rest < header + length)
        {
            return false;
        }

        int begin = at + header;
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(bytes[begin + i] ^ bytes[begin - 4 + (i % 4)]))];
        frame = new ClientFrame(bytes[at] & 0xF, (bytes[at] & 0x80) != 0, payload);
        at = begin + length;
        return true;
    }
}
