using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Llm.Settings;
using FastGate.Tools.Settings;

namespace FastGate.Tests.Configuration;

/// <summary>Writes docs/options.md from the option records: their XML comments, types, defaults and validation attributes.</summary>
internal static partial class OptionDocument
{
    private static readonly Dictionary<string, string> s_summaries = XDocument.Load(Path.ChangeExtension(typeof(GatewayOptions).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(static member => member.Element("summary") is not null)
        .DistinctBy(static member => member.Attribute("name")!.Value)
        .ToDictionary(static member => member.Attribute("name")!.Value, static member => Text(member.Element("summary")!), StringComparer.Ordinal);

    public static IEnumerable<string> Lines()
    {
        yield return "# Options";
        yield return "";
        yield return "Generated from the option records; a test compares this page with them. Keys are below `FastGate`: `FastGate:Devices:Listen` in appsettings.json is";
        yield return "`FastGate__Devices__Listen` in the environment and `--FastGate:Devices:Listen=...` on the command line. Use the environment or a file for secrets,";
        yield return "because the command line of a process is visible to the other users of a machine. Every secret may be read from a file: `KEY_FILE` (or `KeyFile`)";
        yield return "names the file that holds `KEY`, as in `FastGate__Admin__Token_FILE=/run/secrets/admin-token`; its final line end is removed.";
        yield return "";
        yield return "A *reload* applies a change of the configuration files while the server runs; a key that applies at the *start* needs a restart.";
        foreach (IGrouping<string, OptionKey> section in OptionSchema.Keys.Values.OrderBy(static key => key.Path, StringComparer.Ordinal).GroupBy(static key => key.Path.Split(':')[0]))
        {
            yield return "";
            yield return $"## {section.Key}";
            yield return "";
            yield return "| key | type | default | allowed | applies at | meaning |";
            yield return "| --- | --- | --- | --- | --- | --- |";
            foreach (OptionKey key in section)
            {
                PropertyInfo property = PropertyOf(key.Path);
                yield return $"| `{key.Path}` | {TypeOf(key)} | {DefaultOf(key)} | {AllowedOf(property, key)} | {(StartOnlyKeys.Contains(key.Path) ? "start" : "reload")} | {SummaryOf(property)} |";
            }
        }

        yield return "";
        yield return "## Settings of a provider";
        yield return "";
        yield return "`Llm:Providers:{alias}:{setting}`. Case, underscores and dashes of a setting are ignored. `Llm:ByMode:{purpose}` is an alias, or holds an `alias` and";
        yield return "`overrides:{setting}`. A setting that is wrong stops the start only where a purpose or `Llm:Default` uses it; elsewhere it is a warning.";
        yield return "";
        yield return "| setting | allowed | also written as |";
        yield return "| --- | --- | --- |";
        foreach (LlmSetting setting in LlmSetting.All)
        {
            IEnumerable<string> others = setting.Keys.Where(key => !key.Equals(setting.Name, StringComparison.OrdinalIgnoreCase)).Select(static key => $"`{key}`");
            yield return $"| `{setting.Name}` | {(setting == LlmSetting.Type ? string.Join(", ", LlmProviderTypes.All.Select(static type => $"`{type}`")) : setting.Allowed.Length > 0 ? setting.Allowed : "text")} | {string.Join(", ", others)} |";
        }

        foreach (string line in McpServerLines())
        {
            yield return line;
        }
    }

    private static readonly McpServerSettings s_mcpServer = new() { Name = "", Text = "" };

    private static IEnumerable<string> McpServerLines()
    {
        yield return "";
        yield return "## Settings of an MCP server";
        yield return "";
        yield return "`Mcp:Servers:{name}:{setting}`; a reload applies them. Values may contain `${VARIABLE}` and `${VARIABLE:-default}`.";
        yield return "";
        yield return "| setting | default | meaning |";
        yield return "| --- | --- | --- |";
        foreach (PropertyInfo property in typeof(McpServerSettings).GetProperties().Where(static property => property.Name is not ("Name" or "Text")))
        {
            object? standard = property.GetValue(s_mcpServer);
            yield return $"| `{property.Name}` | {(standard is bool flag ? flag ? "`true`" : "`false`" : standard is TimeSpan or int ? $"`{standard}`" : "")} | {SummaryOf(property)} |";
        }
    }

    /// <summary>The sentence of an option; empty for one without a comment.</summary>
    public static string SummaryOf(PropertyInfo property) =>
        s_summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}") ?? s_summaries.GetValueOrDefault($"T:{property.PropertyType.FullName}") ?? "";

    public static PropertyInfo PropertyOf(string path)
    {
        (Type type, PropertyInfo? property) = (typeof(GatewayOptions), null);
        foreach (string name in path.Split(':'))
        {
            property = type.GetProperty(name)!;
            type = property.PropertyType;
        }

        return property!;
    }

    /// <summary>The default of a key as an operator writes it.</summary>
    public static string DefaultOf(OptionKey key)
    {
        using var fixture = new ConfigurationFixture();
        object? value = key.Path.Split(':').Aggregate((object?)fixture.Create().Current, static (holder, name) => holder!.GetType().GetProperty(name)!.GetValue(holder));
        return value switch
        {
            null => "none",
            bool flag => flag ? "`true`" : "`false`",
            string text => $"`{text}`",
            IEnumerable list => list.Cast<string>().ToArray() is { Length: > 0 } items ? string.Join(", ", items.Select(static item => $"`{item}`")) : "none",
            TimeSpan span => $"`{span.ToString("c", CultureInfo.InvariantCulture)}`",
            _ => string.Create(CultureInfo.InvariantCulture, $"`{value}`"),
        };
    }

    private static string TypeOf(OptionKey key) => key.IsSecret ? key.IsList ? "list of secrets" : "secret"
        : key.IsList ? "list of texts"
        : key.Type == typeof(bool) ? "boolean"
        : key.Type == typeof(TimeSpan) ? "time span"
        : key.Type == typeof(string) ? "text"
        : key.Type.IsEnum ? "word"
        : "whole number";

    private static string AllowedOf(PropertyInfo property, OptionKey key)
    {
        if (key.Type.IsEnum)
        {
            return string.Join(", ", Enum.GetNames(key.Type).Select(static name => $"`{name}`"));
        }

        if (key.Type == typeof(bool))
        {
            return "`true`, `false`";
        }

        CustomAttributeData? rule = property.GetCustomAttributesData().FirstOrDefault(static attribute => attribute.AttributeType.IsAssignableTo(typeof(OptionAttribute)));
        object?[] arguments = [.. rule?.ConstructorArguments.Select(static argument => argument.Value) ?? []];
        string range = rule?.AttributeType.Name switch
        {
            nameof(DurationAttribute) => $"{arguments[0]} to {arguments[1]}",
            nameof(WholeNumberAttribute) => string.Create(CultureInfo.InvariantCulture, $"{arguments[0]:N0} to {arguments[1]:N0}"),
            nameof(TextAttribute) => string.Create(CultureInfo.InvariantCulture, $"1 to {arguments[0]:N0} characters"),
            nameof(NameAttribute) => string.Create(CultureInfo.InvariantCulture, $"1 to {arguments[0]:N0} letters, digits and . _ - :"),
            nameof(TokenAttribute) => "1 to 1,024 visible ASCII characters",
            nameof(WordsAttribute) => "1 to 256 characters each",
            nameof(TablePrefixAttribute) => "1 to 32 of `a` to `z`, `0` to `9`, `_`",
            nameof(DeviceIdsAttribute) => "1 to 128 characters each",
            nameof(WebSocketUrlAttribute) => "a `ws://` or `wss://` URL",
            nameof(HttpUrlsAttribute) => "`http://` or `https://` URLs",
            nameof(HttpUrlAttribute) => "an `http://` or `https://` URL",
            nameof(NetworksAttribute) => "IP addresses and networks such as `10.0.0.0/8`",
            nameof(OriginsAttribute) => "`scheme://host` with an optional port, or `*`",
            nameof(ListenAddressAttribute) => "`address:port`",
            _ => "",
        };
        IEnumerable<string> notes = rule?.NamedArguments.Where(static argument => argument.MemberName is "Note" or "OffAtZero")
            .Select(static argument => argument.TypedValue.Value is string note ? note : "0 or less switches it off") ?? [];
        return string.Join("; ", notes.Prepend(range).Where(static part => part.Length > 0));
    }

    private static string Text(XElement summary)
    {
        string text = string.Concat(summary.Nodes().Select(static node => node switch
        {
            XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref") ?? see.Attribute("langword"))!.Value.Split('.')[^1]}`",
            XElement element => $"`{element.Value}`",
            _ => node.ToString(),
        }));
        return Spaces().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
