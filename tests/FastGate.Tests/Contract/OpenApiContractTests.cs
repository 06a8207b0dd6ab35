using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FastGate.Configuration.Loading;
using FastGate.Hosting;
using FastGate.Http.Admin;
using FastGate.Testing;
using FastGate.Tests.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace FastGate.Tests.Contract;

/// <summary>
/// The OpenAPI document that the program contains is the one that the framework's library makes from the routes of the admin listener.
/// </summary>
public sealed class OpenApiContractTests
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string s_file = Path.Combine(RepositoryRoot.Path, "src", "FastGate", "Http", "Admin", "openapi.json");

    [Fact]
    public async Task Document_describes_the_routes_of_the_admin_listener()
    {
        await using WebApplication app = await StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"{app.Urls.Single()}/openapi/made.json"));
        string made = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, made);
        JsonNode document = JsonNode.Parse(made)!;

        GoldenFile.AssertSame(s_file, document.ToJsonString(s_indented).ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void Document_is_read_without_an_error_or_a_warning()
    {
        ReadResult read = OpenApiDocument.Parse(File.ReadAllText(s_file), OpenApiConstants.Json);

        Assert.Empty(read.Diagnostic!.Errors.Select(static error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(static warning => warning.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Empty(read.Document!.Validate(ValidationRuleSet.GetDefaultRuleSet()).Select(static error => error.ToString()));
    }

    [Fact]
    public async Task Every_route_but_the_pages_is_in_the_document_with_role_errors_and_example()
    {
        await using WebApplication app = await StartAsync();
        JsonNode document = JsonNode.Parse(await File.ReadAllTextAsync(s_file))!;
        JsonObject paths = document["paths"]!.AsObject();
        List<string> operations = [];
        foreach (RouteEndpoint endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>())
        {
            string path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (path == "/openapi/{documentName}.json")
            {
                continue;
            }

            if (endpoint.Metadata.GetMetadata<AdminOperation>() is not { } operation)
            {
                Assert.True(path == "/" || path.StartsWith("/talk", StringComparison.Ordinal) || path.StartsWith("/dashboard", StringComparison.Ordinal), $"{path} is not described");
                continue;
            }

            IReadOnlyList<string> methods = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods;
            Assert.Equal(operation.IsAct, !methods.Contains("GET"));
            Assert.True(!operation.IsAct || operation.Role == AdminRole.Operate, $"{path} acts for a viewer");
            JsonNode? described = paths[path]?[methods[0].ToLowerInvariant()];
            Assert.True(described is not null, $"{methods[0]} {path} is not in the document: run this test with FASTGATE_UPDATE_GOLDEN=1");
            string role = operation.Role.ToString().ToLowerInvariant();
            Assert.Equal((role, role), ((string?)described["x-role"], (string?)described["security"]![0]!["bearer"]![0]));
            Assert.NotEqual("", (string?)described["x-example"]);
            Assert.Equal(operation.Body is not null, described["requestBody"]?["content"]!["application/json"]!["schema"] is not null);
            Assert.Equal(operation.Status != 204, described["responses"]![$"{operation.Status}"]!["content"]?[operation.ContentType]!["schema"] is not null);
            Assert.All((int[])[400, 401, 403, 429, .. operation.Errors], status =>
            {
                Assert.Equal($"#/components/responses/Problem{status}", (string?)described["responses"]![$"{status}"]!["$ref"]);
                Assert.NotNull(document["components"]!["responses"]![$"Problem{status}"]!["content"]!["application/problem+json"]);
            });
            operations.Add(operation.Name);
        }

        Assert.Equal(operations.Distinct(StringComparer.Ordinal), operations);
        Assert.Equal(operations.Count, paths.Sum(static path => path.Value!.AsObject().Count));
    }

    private static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMetrics();

        // Schemas describe what AdminJson writes, so they are made with its options.
        builder.Services.ConfigureHttpJsonOptions(static options =>
        {
            JsonSerializerOptions schemas = options.SerializerOptions;
            schemas.TypeInfoResolverChain.Clear();
            schemas.TypeInfoResolverChain.Add(AdminJson.Default);
            schemas.Converters.Add(new JsonStringEnumConverter());
            schemas.PropertyNamingPolicy = AdminJson.Default.Options.PropertyNamingPolicy;
            schemas.DefaultIgnoreCondition = AdminJson.Default.Options.DefaultIgnoreCondition;
            schemas.NumberHandling = AdminJson.Default.Options.NumberHandling;
        });
        OpenApiMaker.Add(builder.Services);
        WebApplication app = builder.Build();
        var files = new ConfigurationFixture();
        files["Memory:Path"] = Path.Combine(files.Directory, "fastgate.db");
        GatewayConfiguration configuration = files.Create();
        var gateway = new GatewayHost(configuration, NullLoggerFactory.Instance, app.Services.GetRequiredService<IMeterFactory>());
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            gateway.DisposeAsync().AsTask().GetAwaiter().GetResult();
            configuration.Dispose();
            files.Dispose();
        });
        app.UseDeveloperExceptionPage();
        RouteGroupBuilder group = app.MapGroup("");
        OpenApiMaker.Describe(group);
        gateway.MapAdmin(group);
        app.MapOpenApi();
        await app.StartAsync();
        return app;
    }
}
