using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Admin;

/// <summary>One operation of the OpenAPI document.</summary>
internal sealed record ApiOperation(string Name, string Method, string Template, JsonObject Described)
{
    public string Role => (string)Described["x-role"]!;

    /// <summary>The example of its body; null where it has none.</summary>
    public JsonObject? Body => Described["requestBody"]?["content"]!["application/json"]!["example"]!.AsObject();

    public IEnumerable<string> Query => (Described["parameters"]?.AsArray() ?? [])
        .Where(static parameter => (string?)parameter!["in"] == "query").Select(static parameter => (string)parameter!["name"]!);

    public bool IsOfDevice => Template.Contains("/devices/{id}", StringComparison.Ordinal);

    public string Path(string id) => Template.Replace("{id}", Uri.EscapeDataString(id), StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Template}";
}
