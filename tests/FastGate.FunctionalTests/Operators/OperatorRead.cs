using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Operators;

/// <summary>One look, as each road names it.</summary>
/// <param name="Path">Of the request, below the prefix of the API.</param>
/// <param name="Words">The command.</param>
/// <param name="Page">The page of the dashboard.</param>
public sealed record OperatorRead(string Path, string[] Words, string Page)
{
    /// <summary>The request of the page, where it is another one.</summary>
    public string? PagePath { get; init; }

    /// <summary>The part of the page's answer that the other roads show.</summary>
    public Func<JsonNode, JsonNode> PagePart { get; init; } = static answer => answer;
}
