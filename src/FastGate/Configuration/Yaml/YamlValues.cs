using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace FastGate.Configuration.Yaml;

/// <summary>Reads scalars by the rules of YAML 1.1 as PyYAML implements them, because the old server reads its file with PyYAML.</summary>
internal static partial class YamlValues
{
    /// <summary>Null for an absent key, an empty value, YAML's words for null, and what is not a scalar.</summary>
    public static string? Text(YamlNode? node) => node switch
    {
        YamlScalar { IsPlain: true, Text: "~" or "null" or "Null" or "NULL" } => null,
        YamlScalar { Text: { Length: > 0 } text } => text,
        _ => null,
    };

    /// <summary>
    /// Null for a text that is no boolean, such as <c>y</c>. Quotes do not change the meaning of a word, and a number is true unless it is zero.
    /// </summary>
    public static bool? Boolean(string text) => text switch
    {
        "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => true,
        "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => false,
        _ => double.TryParse(Number(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number != 0 : null,
    };

    /// <summary>A YAML 1.1 number in decimal: <c>1_000</c>, <c>0x1F</c>, <c>0b11</c>, <c>017</c>, <c>1:30</c>. Another text is unchanged.</summary>
    public static string Number(string text)
    {
        bool isNegative = text.StartsWith('-');
        string digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('-', '+');
        BigInteger? whole = Whole().IsMatch(text) ? digits switch
        {
            _ when digits.StartsWith("0b", StringComparison.Ordinal) => Digits(digits[2..], 2),
            _ when digits.StartsWith("0x", StringComparison.Ordinal) => Digits(digits[2..], 16),
            _ when digits.Contains(':') => Sexagesimal(digits),
            _ when digits.StartsWith('0') => Digits(digits, 8),
            _ => Digits(digits, 10),
        } : null;
        if (whole is { } value)
        {
            return (isNegative ? -value : value).ToString(CultureInfo.InvariantCulture);
        }

        return Fraction().IsMatch(text) ? (isNegative ? "-" : "") + digits : text;
    }

    private static BigInteger Sexagesimal(string digits) =>
        digits.Split(':').Aggregate(BigInteger.Zero, static (sum, part) => (sum * 60) + int.Parse(part, CultureInfo.InvariantCulture));

    private static BigInteger Digits(string digits, int radix) =>
        digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + Convert.ToInt32(digit.ToString(), 16));

    [GeneratedRegex("^(?:[-+]?0b[0-1_]{1,64}|[-+]?0[0-7_]{1,64}|[-+]?(?:0|[1-9][0-9_]{0,64})|[-+]?0x[0-9a-fA-F_]{1,64}|[-+]?[1-9][0-9_]{0,8}(?::[0-5]?[0-9]){1,8})$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(?:[-+]?[0-9][0-9_]{0,64}\.[0-9_]{0,64}(?:[eE][-+][0-9]{1,4})?|\.[0-9][0-9_]{0,64}(?:[eE][-+][0-9]{1,4})?)$")]
    private static partial Regex Fraction();
}
