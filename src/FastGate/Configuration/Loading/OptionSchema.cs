using System.Collections.Frozen;
using System.Reflection;
using FastGate.Configuration.Options;

namespace FastGate.Configuration.Loading;

/// <summary>Every key there is, read once from the option records, so that a new property is known without a second list.</summary>
internal static class OptionSchema
{
    /// <summary>Sub-trees whose entries the operator names; the LLM catalogue reads them.</summary>
    public static IReadOnlyList<string> FreeForm { get; } = ["Llm:Providers", "Llm:ByMode"];

    /// <summary>Leaves by their path below the section, without regard to case.</summary>
    public static FrozenDictionary<string, OptionKey> Keys { get; } =
        Walk(typeof(GatewayOptions), "").ToFrozenDictionary(static key => key.Path, StringComparer.OrdinalIgnoreCase);

    /// <summary>The paths that hold keys: <c>Devices</c>, <c>Devices:Timeouts</c>, ...</summary>
    public static FrozenSet<string> Sections { get; } =
        Keys.Keys.SelectMany(Parents).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsFreeForm(string path) => FreeForm.Any(root => IsAtOrBelow(path, root));

    public static bool IsAtOrBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.OrdinalIgnoreCase) && (path.Length == root.Length || path[root.Length] == ':');

    /// <summary>The list a path is an item of, as in <c>Auth:Tokens:0</c>.</summary>
    public static OptionKey? ListOf(string path)
    {
        int colon = path.LastIndexOf(':');
        return colon > 0 && Keys.TryGetValue(path[..colon], out OptionKey? key) && key.IsList ? key : null;
    }

    private static IEnumerable<OptionKey> Walk(Type type, string prefix)
    {
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.SetMethod is null)
            {
                continue;
            }

            string path = prefix + property.Name;
            if (property.PropertyType == typeof(IReadOnlyList<string>))
            {
                yield return new OptionKey(path, typeof(string), IsList: true);
            }
            else if (property.PropertyType.Assembly == typeof(GatewayOptions).Assembly && !property.PropertyType.IsEnum)
            {
                foreach (OptionKey key in Walk(property.PropertyType, path + ":"))
                {
                    yield return key;
                }
            }
            else
            {
                yield return new OptionKey(path, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, IsList: false);
            }
        }
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int colon = path.IndexOf(':'); colon > 0; colon = path.IndexOf(':', colon + 1))
        {
            yield return path[..colon];
        }
    }
}
