using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
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

namespace FastGate.Tests.Contract;

/// <summary>
/// The OpenAPI document that the program contains is the one that the framework's library makes from the routes of the admin listener.
/// </summary>
public sealed class OpenApiContractTests
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static readonly string s_file = Path.Combine(RepositoryRoot.Path, "src", "FastGate", "Http", "Admin", "openapi.json");

    [Fact]
    public async Task Document_describes_the_routes_of_the_admin_listener()
    {
        await using WebApplication app = await StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"{app.Urls.Single()}/openapi/made.json"));
        string made = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, made);
        JsonObject document = JsonNode.Parse(made)!.AsObject();
        document.Remove("servers");

        GoldenFile.AssertSame(s_file, document.ToJsonString(s_indented).ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task Every_route_but_the_pages_is_in_the_document_with_role_errors_and_example()
    {
        await using WebApplication app = await StartAsync();
        JsonObject paths = JsonNode.Parse(await File.ReadAllTextAsync(s_file))!["paths"]!.AsObject();
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
            Assert.Equal(operation.Role.ToString().ToLowerInvariant(), (string?)described["x-role"]);
            Assert.NotEqual("", (string?)described["x-example"]);
            Assert.All((int[])[400, 401, 403, 429, .. operation.Errors], status => Assert.NotNull(described["responses"]![$"{status}"]));
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
        builder.Services.ConfigureHttpJsonOptions(static options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Clear();
            foreach (Type context in typeof(AdminJson).Assembly.GetTypes().Where(static type => type.BaseType == typeof(System.Text.Json.Serialization.JsonSerializerContext)))
            {
                options.SerializerOptions.TypeInfoResolverChain.Add(
                    (System.Text.Json.Serialization.JsonSerializerContext)context.GetProperty("Default", System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)!.GetValue(null)!);
            }

            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
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
