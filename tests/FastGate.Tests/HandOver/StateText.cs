using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

/// <summary>A state as lines of text, one for each property, to compare states by their content.</summary>
internal static class StateText
{
    public static string Of(object? state)
    {
        var text = new StringBuilder();
        Append(text, "", state);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string path, object? value)
    {
        switch (value)
        {
            case null:
                Line(text, path, "null");
                break;
            case ReadOnlyMemory<byte> bytes:
                Line(text, path, bytes.IsEmpty ? "no bytes" : Convert.ToHexString(bytes.Span));
                break;
            case string words:
                Line(text, path, $"\"{words}\"");
                break;
            case IEnumerable list:
                int index = 0;
                foreach (object? element in list)
                {
                    Append(text, $"{path}[{index++}]", element);
                }

                if (index == 0)
                {
                    Line(text, path, "empty");
                }

                break;
            case not null when value.GetType().Namespace == typeof(GatewayState).Namespace && !value.GetType().IsEnum:
                foreach (PropertyInfo property in value.GetType().GetProperties())
                {
                    Append(text, path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.GetValue(value));
                }

                break;
            default:
                Line(text, path, Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }

    private static void Line(StringBuilder text, string path, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{path} = {value.Replace("\0", "\\0", StringComparison.Ordinal)}\n");
}
