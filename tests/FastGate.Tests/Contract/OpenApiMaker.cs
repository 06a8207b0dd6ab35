using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using FastGate.Http.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace FastGate.Tests.Contract;

/// <summary>Gives the framework's OpenAPI library what the operations of the admin routes declare.</summary>
internal static partial class OpenApiMaker
{
    private const string Json = "application/json";

    /// <summary>Of every route: a wrong parameter, no token or a wrong one, a token of the other role, too many wrong tokens.</summary>
    private static readonly int[] s_errors = [400, 401, 403, 429];

    /// <summary>Of every act: a key that another act used, a body that is too large, a failure that the log describes.</summary>
    private static readonly int[] s_actErrors = [409, 413, 500];

    /// <summary>A route that none names belongs to the last.</summary>
    private static readonly (string Name, string Meaning, IReadOnlyList<string> Paths)[] s_areas =
    [
        ("devices", "Devices, and what is done to them", ["devices", "kick", "message", "commands", "bans", "activations", "drain"]),
        ("diagnosis", "Why devices do not connect or do not stay", ["explain", "handshakes", "records", "traces"]),
        ("server", "The server and its parts", []),
    ];

    public static void Add(IServiceCollection services) => services.AddOpenApi("made", static options =>
    {
        Dictionary<string, JsonTypeInfo> types = [];
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Complete(document, types);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (described, context, _) =>
        {
            Complete(described, context);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((_, context, _) =>
        {
            types[context.JsonTypeInfo.Type.Name] = context.JsonTypeInfo;
            return Task.CompletedTask;
        });
    });

    /// <summary>After the metadata of each route is there: describes its body and its answers.</summary>
    public static void Describe(RouteGroupBuilder group) => ((IEndpointConventionBuilder)group).Finally(static endpoint =>
    {
        if (endpoint.Metadata.OfType<AdminOperation>().SingleOrDefault() is not { } operation)
        {
            endpoint.Metadata.Add(new ExcludeFromDescriptionAttribute());
            return;
        }

        // The library describes routes that have a method; those of the API have none.
        endpoint.Metadata.Add(((Delegate)Describable).Method);
        if (!operation.IsAct)
        {
            endpoint.Metadata.Add(new HttpMethodMetadata(["GET"]));
        }

        bool isEmpty = operation.Status == StatusCodes.Status204NoContent;
        Type answer = operation.Answer ?? (isEmpty ? typeof(void) : operation.ContentType == Json ? typeof(JsonElement) : typeof(string));
        endpoint.Metadata.Add(new ProducesResponseTypeMetadata(operation.Status, answer, isEmpty ? null : [operation.ContentType]));
        if (operation.Body is not null)
        {
            endpoint.Metadata.Add(new AcceptsMetadata([Json], operation.Body));
        }

        foreach (int status in s_errors.Concat(operation.IsAct ? s_actErrors : []).Concat(operation.Body is null ? [] : [415]).Concat(operation.Errors).Distinct().Order())
        {
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(AdminProblem), [AdminProblem.ContentType]));
        }
    });

    private static Task Describable(HttpContext context) => Task.CompletedTask;

    private static void Complete(OpenApiDocument document, Dictionary<string, JsonTypeInfo> types)
    {
        document.Info = new OpenApiInfo
        {
            Title = "FastGate admin API",
            Version = "1",
            Description = "Reads need a token of the role in x-role; acts need a token of the role operate. Without a configured token the API serves programs of its own machine. "
                + "Errors are application/problem+json. Reads also answer HEAD.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = s_areas.Select(static area => new OpenApiTag { Name = area.Name, Description = area.Meaning }).ToHashSet();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Admin:Token has the role operate, Admin:ViewToken the role view." },
        };
        var comments = new TypeComments(typeof(AdminJson).Assembly);
        foreach ((string name, IOpenApiSchema schema) in document.Components.Schemas!)
        {
            if (types.TryGetValue(name, out JsonTypeInfo? type) && schema is OpenApiSchema component)
            {
                Complete(component, type, comments);
            }
        }
    }

    private static void Complete(OpenApiSchema schema, JsonTypeInfo type, TypeComments comments)
    {
        schema.Description = type.Type == typeof(JsonElement) ? "Any JSON value" : comments.Of(type.Type);
        foreach (JsonPropertyInfo property in type.Properties)
        {
            string? comment = property.AttributeProvider is MemberInfo member ? comments.Of(type.Type, member.Name) : null;
            if (comment is not null && schema.Properties!.TryGetValue(property.Name, out IOpenApiSchema? described))
            {
                described.Description = comment;
            }
        }

        // Null is left out of an answer, so a property is required exactly when it cannot be null.
        schema.Required = type.Properties.Where(property => IsRequired(property) && schema.Properties!.ContainsKey(property.Name))
            .Select(static property => property.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static void Complete(OpenApiOperation described, OpenApiOperationTransformerContext context)
    {
        AdminOperation operation = context.Description.ActionDescriptor.EndpointMetadata.OfType<AdminOperation>().Single();
        string path = "/" + context.Description.RelativePath;
        string role = operation.Role.ToString().ToLowerInvariant();
        described.OperationId = operation.Name;
        described.Summary = operation.Summary;
        described.Tags = new HashSet<OpenApiTagReference> { new(s_areas.First(area => area.Paths.Contains(Area().Match(path).Groups[1].Value) || area.Paths.Count == 0).Name, context.Document) };
        described.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [role] }];
        described.Parameters =
        [
            .. PathParameter().Matches(path).Select(match => PathParameterOf(path, match.Groups[1].Value)),
            .. operation.Query.Select(static query => Parameter(query.Name, ParameterLocation.Query, query.Meaning, QuerySchema(query.Name))),
            .. operation.IsAct ? (IOpenApiParameter[])[KeyParameter()] : [],
        ];
        described.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        described.Extensions["x-role"] = new JsonNodeExtension(JsonValue.Create(role));
        described.Extensions["x-example"] = new JsonNodeExtension(JsonValue.Create(operation.Example));
        if (described.RequestBody is OpenApiRequestBody { Content: { } content } request && content.TryGetValue(Json, out OpenApiMediaType? body))
        {
            request.Required = true;
            body.Example = JsonNode.Parse(operation.Example);
        }

        foreach (string status in described.Responses!.Keys.Where(static status => status[0] != '2').ToArray())
        {
            described.Responses[status] = ProblemOf(status, context.Document!);
        }

        if (operation.IsAct)
        {
            var done = (OpenApiResponse)described.Responses[$"{operation.Status}"];
            done.Headers = new Dictionary<string, IOpenApiHeader> { [ActRunner.IdHeader] = Header("The id under which the act is in the audit log", JsonSchemaType.String) };
        }
    }

    /// <summary>Every route gives the same answer to an error of the same status.</summary>
    private static OpenApiResponseReference ProblemOf(string status, OpenApiDocument document)
    {
        string name = $"Problem{status}";
        document.AddComponent<IOpenApiResponse>(name, new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture)),
            Headers = status == "429" ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Header("Seconds to wait", JsonSchemaType.Integer) } : null,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [AdminProblem.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(AdminProblem), document) },
            },
        });
        return new OpenApiResponseReference(name, document);
    }

    private static OpenApiHeader Header(string meaning, JsonSchemaType type) => new() { Description = meaning, Schema = new OpenApiSchema { Type = type } };

    private static bool IsRequired(JsonPropertyInfo property) => !property.IsGetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null;

    private static OpenApiParameter PathParameterOf(string path, string name) => path.StartsWith($"{AdminRoutes.Prefix}/devices/", StringComparison.Ordinal)
        ? Parameter(name, ParameterLocation.Path, "Id of the device, in any spelling", new OpenApiSchema { Type = JsonSchemaType.String }, required: true)
        : Parameter(name, ParameterLocation.Path, "The number that the list and the act answer", new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0" }, required: true);

    private static OpenApiParameter KeyParameter() => Parameter(
        ActRunner.KeyHeader, ParameterLocation.Header, "The same key with the same act gets the recorded answer for an hour",
        new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[!-~]+$" });

    private static OpenApiSchema QuerySchema(string name) => name switch
    {
        "limit" => new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = $"{AdminQuery.MaxLimit}", Default = 100 },
        "minAge" or "maxAge" => new OpenApiSchema { Type = JsonSchemaType.Number, Minimum = "0" },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter Parameter(string name, ParameterLocation location, string meaning, OpenApiSchema schema, bool required = false) => new()
    {
        Name = name,
        In = location,
        Description = meaning,
        Required = required,
        Schema = schema,
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@"^(?:/api/v1)?/([^/]+)")]
    private static partial Regex Area();
}
