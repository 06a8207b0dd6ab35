using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.Http.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace FastGate.Tests.Contract;

/// <summary>Gives the framework's OpenAPI library what the operations of the admin routes declare.</summary>
internal static partial class OpenApiMaker
{
    private static readonly int[] s_errors = [400, 401, 403, 429];

    public static void Add(IServiceCollection services) => services.AddOpenApi("made", static options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "FastGate admin API",
                Version = "1",
                Description = "Reads need the role view, acts the role operate. Acts take the header Idempotency-Key.",
            };
            document.Tags = null;
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (described, context, _) =>
        {
            AdminOperation operation = context.Description.ActionDescriptor.EndpointMetadata.OfType<AdminOperation>().Single();
            described.OperationId = operation.Name;
            described.Summary = operation.Summary;
            described.Tags = new HashSet<OpenApiTagReference>();
            described.Parameters =
            [
                .. PathParameter().Matches(context.Description.RelativePath ?? "").Select(static match => Parameter(match.Groups[1].Value, ParameterLocation.Path, "", required: true)),
                .. operation.Query.Select(static query => Parameter(query.Name, ParameterLocation.Query, query.Meaning)),
                .. operation.IsAct ? (IOpenApiParameter[])[Parameter("Idempotency-Key", ParameterLocation.Header, "1 to 128 printable characters: the same key with the same act gets the recorded answer")] : [],
            ];
            described.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            described.Extensions["x-role"] = new JsonNodeExtension(JsonValue.Create(operation.Role.ToString().ToLowerInvariant()));
            described.Extensions["x-example"] = new JsonNodeExtension(JsonValue.Create(operation.Example));
            if (described.RequestBody?.Content is { } content && content.TryGetValue("application/json", out OpenApiMediaType? body))
            {
                body.Example = JsonNode.Parse(operation.Example);
            }

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
        if (endpoint.Metadata.OfType<IHttpMethodMetadata>().Last() is { HttpMethods: ["GET", ..] })
        {
            endpoint.Metadata.Add(new HttpMethodMetadata(["GET"]));
        }

        endpoint.Metadata.Add(operation.Answer is null
            ? new ProducesResponseTypeMetadata(operation.Status, operation.ContentType == "application/json" ? null : typeof(string), operation.ContentType == "application/json" ? null : [operation.ContentType])
            : new ProducesResponseTypeMetadata(operation.Status, operation.Answer, [operation.ContentType]));
        if (operation.Body is not null)
        {
            endpoint.Metadata.Add(new AcceptsMetadata(["application/json"], operation.Body));
        }

        foreach (int status in s_errors.Concat(operation.IsAct ? [409, 415] : []).Concat(operation.Errors).Distinct().Order())
        {
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(AdminProblem), [AdminProblem.ContentType]));
        }
    });

    private static Task<HttpContext> Describable(HttpContext context) => Task.FromResult(context);

    private static OpenApiParameter Parameter(string name, ParameterLocation location, string meaning, bool required = false) => new()
    {
        Name = name,
        In = location,
        Description = meaning.Length == 0 ? null : meaning,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
