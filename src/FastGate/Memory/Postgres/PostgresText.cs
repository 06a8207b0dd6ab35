using System.Text;

namespace FastGate.Memory.Postgres;

/// <summary>PostgreSQL stores no null character and only valid Unicode.</summary>
internal static class PostgresText
{
    /// <summary>The text without null characters, with a replacement character for each unpaired surrogate.</summary>
    public static string Storable(string text)
    {
        if (!text.AsSpan().Contains('\0') && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return text;
        }

        var storable = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value != 0)
            {
                storable.Append(rune);
            }
        }

        return storable.ToString();
    }
}
