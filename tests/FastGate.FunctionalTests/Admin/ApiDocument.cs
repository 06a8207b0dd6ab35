using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;
using Json.Schema;

namespace FastGate.FunctionalTests.Admin;

/// <summary>The document of <c>/openapi/v1.json</c>, which a unit test compares with the route table.</summary>
internal sealed class ApiDocument
{
    private static readonly EvaluationOptions s_options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonObject _responses;
    private readonly JsonObject _definitions;
    private readonly Dictionary<string, JsonSchema> _schemas = [];

    private ApiDocument(JsonNode document)
    {
        Operations =
        [
            .. document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(method =>
                new ApiOperation((string)method.Value!["operationId"]!, method.Key.ToUpperInvariant(), path.Key, method.Value.AsObject()))),
        ];
        _responses = document["components"]!["responses"]!.AsObject();
        _definitions = document["components"]!["schemas"]!.AsObject();

        // An answer must not have a property that the document does not describe.
        foreach (JsonObject schema in _definitions.Select(static schema => schema.Value!.AsObject()).Where(static schema => schema["properties"] is not null))
        {
            schema["additionalProperties"] = false;
        }
    }

    public IReadOnlyList<ApiOperation> Operations { get; }

    public static async Task<ApiDocument> ReadAsync(GatewayProcess gateway, string? token)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return new ApiDocument(JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/openapi/v1.json")))!);
    }

    public ApiOperation this[string name] => Operations.Single(operation => operation.Name == name);

    /// <summary>The document has this answer: its status, content type and every property.</summary>
    public void AssertDescribes(ApiOperation operation, HttpResponseMessage answer, string body)
    {
        JsonNode? described = operation.Described["responses"]![$"{(int)answer.StatusCode}"];
        Assert.True(described is not null, $"The document has no answer {(int)answer.StatusCode} of {operation}: {body}");
        described = described["$ref"] is { } reference ? _responses[((string)reference!).Split('/')[^1]]! : described;
        if (described["content"]?.AsObject() is not { } contents)
        {
            Assert.Equal((operation, ""), (operation, body));
            return;
        }

        (string type, JsonNode? content) = contents.Single();
        Assert.Equal((operation, type), (operation, answer.Content.Headers.ContentType?.MediaType));
        if (type is not ("application/json" or "application/problem+json"))
        {
            return;
        }

        EvaluationResults results = SchemaOf(content!["schema"]!).Evaluate(JsonNode.Parse(body), s_options);
        Assert.True(results.IsValid, $"{operation}: {string.Join("; ", results.Details.Where(static detail => detail.HasErrors).Select(static detail => $"{detail.InstanceLocation} {JsonSerializer.Serialize(detail.Errors)}"))}\n{body}");
    }

    private JsonSchema SchemaOf(JsonNode schema)
    {
        string text = schema.ToJsonString();
        if (!_schemas.TryGetValue(text, out JsonSchema? known))
        {
            JsonObject whole = schema.DeepClone().AsObject();
            whole["$defs"] = _definitions.DeepClone();
            known = JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
            _schemas.Add(text, known);
        }

        return known;
    }
}
