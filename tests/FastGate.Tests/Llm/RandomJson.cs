using System.Text;

namespace FastGate.Tests.Llm;

/// <summary>Writes random JSON: values of every kind, and the fields of an object with noise among them.</summary>
internal sealed class RandomJson(Random random)
{
    private static readonly string[] s_numbers =
    [
        "0", "-0", "1", "-1", "200", "1.5", "1e999", "-1e999", "1E-400", "123456789012345678901234567890", "0.1e1", "9223372036854775808", "1e3",
    ];

    private static readonly string[] s_strings =
    [
        "", "null", "stop", "error", "[DONE]", "data: {}", "message_stop", "</think>", "\\ud800", "\\udc00\\ud800", "\\u0000", "\\\"}]", "\\\\", "\\n\\r", "元气", "😀", "{", "]]", "a:b",
    ];

    private static readonly string[] s_names = ["x_future", "", "\\ud83d", "\\udc00x", "__proto__", "元", "x\\\"y", "[", "a b", "Choices", "choices_", "Delta", "\\u0000"];

    public int Next(int below) => random.Next(below);

    public bool OneIn(int count) => random.Next(count) == 0;

    public T Any<T>(params T[] values) => values[random.Next(values.Length)];

    /// <summary>Any value.</summary>
    public string Value(int depth = 4)
    {
        switch (random.Next(depth > 0 ? 8 : 5))
        {
            case 0:
                return Any("true", "false");
            case 1:
                return "null";
            case 2:
                return Any(s_numbers);
            case 3 or 4:
                return $"\"{Any(s_strings)}\"";
            case 5 when OneIn(10):
                int levels = random.Next(1, 200);
                return OneIn(2)
                    ? new string('[', levels) + new string(']', levels)
                    : string.Concat(Enumerable.Repeat("{\"x\":", levels)) + "0" + new string('}', levels);
            case 5 or 6:
                return "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))) + "]";
            default:
                return "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Any(s_names)}\":{Value(depth - 1)}")) + "}";
        }
    }

    /// <summary>A text in one of the ways in which a server may escape it.</summary>
    public string Text(string text)
    {
        var json = new StringBuilder("\"");
        bool all = OneIn(3);
        foreach (char c in text)
        {
            json.Append(c is '"' or '\\' ? $"\\{c}" : c == '/' && OneIn(2) ? "\\/" : c < ' ' || char.IsSurrogate(c) || (all && c > '~') || OneIn(20) ? $"\\u{(int)c:x4}" : c);
        }

        return json.Append('"').ToString();
    }

    /// <summary>
    /// An object of the needed fields, each as given, and of fields that are not needed, each as given, absent, null, replaced or repeated.
    /// </summary>
    public string Object((string Name, string? Json)[] needed, params (string Name, string? Json)[] unneeded)
    {
        List<string> fields = [.. needed.Where(static field => field.Json is not null).Select(static field => $"\"{field.Name}\":{field.Json}")];
        foreach ((string name, string? json) in unneeded)
        {
            int times = OneIn(20) ? 2 : OneIn(4) ? 0 : 1;
            for (int i = 0; i < times; i++)
            {
                fields.Add($"\"{name}\":{(OneIn(2) ? json ?? "null" : Value())}");
            }
        }

        for (int i = Next(3); i > 0; i--)
        {
            fields.Add($"\"{Any(s_names)}\":{Value()}");
        }

        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fields));

        // A line end between two fields is white space of JSON; the framing makes several data lines of it.
        return "{" + string.Join(Any(",", ",", ", ", " ,\t", ",\n"), fields) + "}";
    }
}
