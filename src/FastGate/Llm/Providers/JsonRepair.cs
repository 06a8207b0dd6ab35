using System.Buffers;
using System.Text;

namespace FastGate.Llm.Providers;

/// <summary>
/// Rewrites what is almost JSON, after the parser has refused it: the numbers <c>NaN</c> and <c>Infinity</c>, which Python writes, become null,
/// and control characters in strings are escaped.
/// </summary>
internal static class JsonRepair
{
    public static byte[] Repair(ReadOnlySpan<byte> json)
    {
        var repaired = new ArrayBufferWriter<byte>(json.Length + 16);
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte c = json[i];
            if (inString && c < 0x20)
            {
                repaired.Write(Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"));
                continue;
            }

            if (!inString && c is (byte)'N' or (byte)'I' or (byte)'-' && Word(json[i..]) is > 0 and int word)
            {
                repaired.Write("null"u8);
                i += word - 1;
                continue;
            }

            if (inString && c == (byte)'\\' && i + 1 < json.Length)
            {
                repaired.Write(json.Slice(i, 2));
                i++;
                continue;
            }

            inString ^= c == (byte)'"';
            repaired.Write(json.Slice(i, 1));
        }

        return repaired.WrittenSpan.ToArray();
    }

    private static int Word(ReadOnlySpan<byte> text)
    {
        foreach (string word in (ReadOnlySpan<string>)["NaN", "Infinity", "-Infinity"])
        {
            if (text.Length >= word.Length && Ascii.Equals(text[..word.Length], word))
            {
                return word.Length;
            }
        }

        return 0;
    }
}
