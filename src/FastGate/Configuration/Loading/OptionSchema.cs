using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Llm.Settings;
using FastGate.Tools.Settings;

namespace FastGate.Configuration.Loading;

/// <summary>Every key that can be set, read once from the option records.</summary>
internal static class OptionSchema
{
    /// <summary>Sections whose keys the operator names; <see cref="Llm.Settings.LlmConfiguration"/>, <see cref="Speech.Settings.SpeechConfiguration"/> and
    /// <see cref="McpConfiguration"/> read them.</summary>
    public static IReadOnlyList<string> FreeForm { get; } = ["Llm:Providers", "Llm:ByMode", "Speech:Asr", "Speech:Tts", McpServerKeys.Root];

    /// <summary>The keys that hold a value or a list, by path without regard to case.</summary>
    public static IReadOnlyDictionary<string, OptionKey> Keys { get; } =
        Walk(typeof(GatewayOptions), "").ToDictionary(static key => key.Path, StringComparer.OrdinalIgnoreCase);

    /// <summary>The paths that hold keys: <c>Devices</c>, <c>Devices:Timeouts</c>, ...</summary>
    public static IReadOnlySet<string> Sections { get; } =
        Keys.Keys.SelectMany(Parents).ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsFreeForm(string path) => FreeForm.Any(root => OptionPath.IsAtOrBelow(path, root));

    /// <summary>The list that a path is an item of, as in <c>Auth:Tokens:0</c>.</summary>
    public static OptionKey? ListOf(string path)
    {
        int colon = path.LastIndexOf(':');
        return colon > 0 && Keys.TryGetValue(path[..colon], out OptionKey? key) && key.IsList ? key : null;
    }

    /// <summary>Whether the value at a path must not be shown: an option, an item of a list, the API key of a provider, or a secret of an
    /// MCP server.</summary>
    public static bool IsSecret(string path) => (Keys.GetValueOrDefault(path) ?? ListOf(path)) is { } key ? key.IsSecret
        : McpServerKeys.IsSecret(path) || (IsFreeForm(path) && LlmSetting.Find(path[(path.LastIndexOf(':') + 1)..]) == LlmSetting.ApiKey);

    /// <summary>The options of a record, and the records in it.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(IOptionSection options) => PropertiesOf(options.GetType());

    /// <summary>
    /// Known by the type: the runtime compiles a method for each property whose value is read twice by reflection, a fifth of the start's compiled methods.
    /// </summary>
    public static bool IsSection(PropertyInfo property) => property.PropertyType.IsAssignableTo(typeof(IOptionSection));

    /// <summary>The bound value of a key, in the notation of the configuration. Null where it is not set, and where a list does not have the written item.</summary>
    public static string? TextOf(IOptionSection options, string path, string written)
    {
        int colon = path.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? path : path.AsSpan(0, colon);
        foreach (PropertyInfo property in PropertiesOf(options))
        {
            if (name.Equals(property.Name, StringComparison.OrdinalIgnoreCase))
            {
                return property.GetValue(options) switch
                {
                    IOptionSection section when colon > 0 => TextOf(section, path[(colon + 1)..], written),
                    IReadOnlyList<string> items => items.Contains(written) ? written : null,
                    bool truth => truth ? "true" : "false",
                    var value => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null,
                };
            }
        }

        return null;
    }

    /// <summary>The type of an option's value, also where the option can be left out.</summary>
    public static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    private static IEnumerable<PropertyInfo> PropertiesOf([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type section) =>
        section.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.SetMethod is not null);

    /// <summary>By the type and not by a value: the runtime compiles a method for each section that is read twice by reflection, and binding reads it once.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "IOptionSection keeps the properties of each section, which binding reads by its value.")]
    private static IEnumerable<OptionKey> Walk([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type section, string prefix)
    {
        foreach (PropertyInfo property in PropertiesOf(section))
        {
            string path = prefix + property.Name;
            if (property.PropertyType == typeof(IReadOnlyList<string>))
            {
                yield return new OptionKey(path, typeof(string), IsList: true, property);
            }
            else if (IsSection(property))
            {
                foreach (OptionKey key in Walk(property.PropertyType, path + ":"))
                {
                    yield return key;
                }
            }
            else if (property.PropertyType.Assembly == typeof(GatewayOptions).Assembly && !property.PropertyType.IsEnum)
            {
                throw new NotSupportedException($"{property.PropertyType.Name} is not an {nameof(IOptionSection)}.");
            }
            else
            {
                yield return new OptionKey(path, TypeOf(property), IsList: false, property);
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

/// <summary>One key. The attribute is read when it is asked for: a start asks only for the keys that are set.</summary>
internal sealed record OptionKey(string Path, Type Type, bool IsList, PropertyInfo Property)
{
    /// <summary>A rejected secret is not shown.</summary>
    public bool IsSecret => Property.GetCustomAttribute<OptionAttribute>() is { Secret: true };
}
