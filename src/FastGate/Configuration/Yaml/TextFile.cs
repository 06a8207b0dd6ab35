using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FastGate.Configuration.Yaml;

/// <summary>Reads a configuration file as UTF-8. Another encoding is refused by its name: replaced characters would change keys and texts silently.</summary>
internal static class TextFile
{
    private static readonly (byte[] Mark, string Name)[] s_otherMarks =
    [
        ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"), ([0xFE, 0xFF], "UTF-16 (big-endian)"),
    ];

    /// <summary>Null with the reason, which names the file and the first line that cannot be read.</summary>
    public static string? Read(string path, int maxBytes, out string? failure)
    {
        failure = null;
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] bytes = new byte[maxBytes + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            failure = length > maxBytes ? FormattableString.Invariant($"{path}: larger than {maxBytes:N0} bytes") : Check(path, bytes.AsSpan(0, length));
            return failure is null ? Encoding.UTF8.GetString(WithoutMark(bytes.AsSpan(0, length))) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = $"{path}: {exception.Message}";
            return null;
        }
    }

    /// <summary>Null for the bytes of a UTF-8 file.</summary>
    public static string? Check(string path, ReadOnlySpan<byte> bytes)
    {
        const string Remedy = "save the file as UTF-8";
        foreach ((byte[] mark, string name) in s_otherMarks)
        {
            if (bytes.StartsWith(mark))
            {
                return $"{path}, line 1: the file is encoded in {name}; {Remedy}";
            }
        }

        int nul = bytes.IndexOf((byte)0);
        if (nul >= 0)
        {
            return $"{path}, line {LineAt(bytes, nul)}: a NUL character, as in a file encoded in UTF-16; {Remedy}";
        }

        int bad = FirstBad(bytes);
        return bad < 0 ? null : $"{path}, line {LineAt(bytes, bad)}: not UTF-8{(IsGbk(bytes) ? " but probably GBK (GB2312, GB18030)" : "")}; {Remedy}";
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;

    private static int FirstBad(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return -1;
        }

        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) == OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }

    private static int LineAt(ReadOnlySpan<byte> bytes, int position) => bytes[..position].Count((byte)'\n') + 1;

    /// <summary>Whether all bytes above ASCII form pairs as GBK does, or groups of four as GB18030 does.</summary>
    private static bool IsGbk(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < 0x80)
            {
                continue;
            }

            if (bytes[i] is 0x80 or 0xFF || i + 1 == bytes.Length)
            {
                return false;
            }

            byte second = bytes[++i];
            if (second is >= 0x30 and <= 0x39)
            {
                i += 2;
            }
            else if (second is < 0x40 or 0x7F or 0xFF)
            {
                return false;
            }
        }

        return true;
    }
}
