using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FastGate.Tests.Contract;

/// <summary>The comments of an assembly's types and properties as plain text, from the file beside it.</summary>
internal sealed partial class TypeComments
{
    private readonly Dictionary<string, XElement> _members;

    public TypeComments(Assembly assembly) =>
        _members = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToDictionary(static member => (string)member.Attribute("name")!);

    /// <summary>Null without a comment.</summary>
    public string? Of(Type type) => Text(_members.GetValueOrDefault($"T:{type.FullName}")?.Element("summary"));

    /// <summary>The comment of the property, or of the parameter of its record.</summary>
    public string? Of(Type type, string property) => Text(_members.GetValueOrDefault($"P:{type.FullName}.{property}")?.Element("summary"))
        ?? Text(_members.GetValueOrDefault($"T:{type.FullName}")?.Elements("param").FirstOrDefault(parameter => (string?)parameter.Attribute("name") == property));

    private static string? Text(XElement? comment)
    {
        if (comment is null)
        {
            return null;
        }

        string text = string.Concat(comment.Nodes().Select(static node => node switch
        {
            XElement { Name.LocalName: "paramref" } parameter => Json((string)parameter.Attribute("name")!),
            XElement { Name.LocalName: "see" } seen => ((string)seen.Attribute("cref")!).Split('.', ':')[^1],
            XElement other => other.Value,
            _ => node.ToString(),
        }));
        return Spaces().Replace(text, " ").Trim() is { Length: > 0 } shown ? shown : null;
    }

    private static string Json(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
