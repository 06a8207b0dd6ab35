using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Admin;

/// <summary>
/// The rules of every route of the admin API, found through the OpenAPI document, which a unit test proves to be the route table.
/// </summary>
public sealed class AdminSecurityTests
{
    private const string Operate = "planted-operate-token-1";
    private const string View = "planted-view-token-22";
    private const string Key = "planted-api-key-333";
    private const string Management = "planted-management-4444";
    private const string Webhook = "planted-webhook-55555";
    private const string AuthKey = "planted-auth-key-666666";
    private const string DeviceToken = "planted-device-token-7";

    /// <summary>Would end or empty the server that the other routes need.</summary>
    private static readonly string[] s_notRun = ["restart", "drain"];

    private static readonly string[] s_secrets = [Operate, View, Key, Management, Webhook, AuthKey, DeviceToken];

    [Fact]
    public async Task Roles_hold_for_every_route_and_no_answer_log_or_audit_line_has_a_secret()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            $"--FastGate:Admin:Token={Operate}",
            $"--FastGate:Admin:ViewToken={View}",
            $"--FastGate:Management:Secret={Management}",
            "--FastGate:Auth:Enabled=true",
            $"--FastGate:Auth:Key={AuthKey}",
            $"--FastGate:Auth:Tokens:0={DeviceToken}",
            "--FastGate:Llm:Providers:planted:Type=openai",
            "--FastGate:Llm:Providers:planted:BaseUrl=http://127.0.0.1:9/v1",
            $"--FastGate:Llm:Providers:planted:ApiKey={Key}",
            "--FastGate:Llm:Default=planted",
            "--FastGate:Webhooks:All:0=http://127.0.0.1:9/hook",
            $"--FastGate:Webhooks:Secrets:0={Webhook}");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "aa:bb:cc:dd:ee:ff", DeviceToken);
        await device.HelloAsync();
        StringBuilder seen = new();
        List<Operation> operations = await OperationsAsync(gateway, Operate);
        Assert.True(operations.Count > 25, $"{operations.Count} operations");
        Assert.Contains(operations, static operation => operation.Role == "operate");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, operations[0], "wrong", seen));
        foreach (Operation operation in operations)
        {
            Assert.Equal((operation, HttpStatusCode.Unauthorized), (operation, await StatusAsync(gateway, operation, null, seen)));
            if (operation.Role == "operate")
            {
                Assert.Equal((operation, HttpStatusCode.Forbidden), (operation, await StatusAsync(gateway, operation, View, seen)));
            }
            else
            {
                HttpStatusCode viewed = await StatusAsync(gateway, operation, View, seen);
                Assert.False(viewed is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{operation} answered {viewed} to a viewer");
            }
        }

        await device.PingAsync();
        foreach (Operation operation in operations.Where(static operation => !s_notRun.Contains(operation.Name)))
        {
            HttpStatusCode answered = await StatusAsync(gateway, operation, Operate, seen);
            Assert.True((int)answered is (< 500 or 503) and not (401 or 403), $"{operation} answered {answered}\n{gateway.Log}");
        }

        using HttpClient http = Client(Operate);
        seen.Append(await http.GetStringAsync(gateway.AdminUri("/api/v1/audit?limit=1000")));
        Assert.Contains("device.kick", seen.ToString(), StringComparison.Ordinal);
        await gateway.TerminateAsync();
        seen.Append(gateway.Log);
        Assert.All(s_secrets, secret => Assert.DoesNotContain(secret, seen.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_token_every_route_refuses_other_hosts_and_pages_of_other_origins()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "aa:bb:cc:dd:ee:ff");
        await device.HelloAsync();
        foreach (Operation operation in await OperationsAsync(gateway, null))
        {
            StringBuilder seen = new();
            Assert.Equal((operation, HttpStatusCode.Forbidden), (operation, await StatusAsync(gateway, operation, null, seen, ("Host", "rebound.example"))));
            Assert.Equal((operation, HttpStatusCode.Forbidden), (operation, await StatusAsync(gateway, operation, null, seen, ("Origin", "http://other.example"))));
            Assert.Equal((operation, HttpStatusCode.Forbidden), (operation, await StatusAsync(gateway, operation, null, seen, ("Sec-Fetch-Site", "cross-site"))));
        }

        await device.PingAsync();
        using AdminClient admin = new(gateway);
        Assert.Equal(0, (int)(await admin.GetAsync("/api/v1/audit"))["total"]!);
    }

    private static async Task<List<Operation>> OperationsAsync(GatewayProcess gateway, string? token)
    {
        using HttpClient http = Client(token);
        JsonNode document = JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/openapi/v1.json")))!;
        return
        [
            .. document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(method => new Operation(
                (string)method.Value!["operationId"]!,
                method.Key.ToUpperInvariant(),
                path.Key.Contains("/devices/{id}", StringComparison.Ordinal) ? path.Key.Replace("{id}", "aa:bb:cc:dd:ee:ff", StringComparison.Ordinal) : path.Key.Replace("{id}", "1", StringComparison.Ordinal),
                (string)method.Value["x-role"]!,
                method.Value["requestBody"] is null ? null : (string)method.Value["x-example"]!))),
        ];
    }

    /// <summary>Sends the request of the example, and keeps what the server answered.</summary>
    private static async Task<HttpStatusCode> StatusAsync(
        GatewayProcess gateway, Operation operation, string? token, StringBuilder seen, (string Name, string Value)? header = null)
    {
        using HttpClient http = Client(token);
        using HttpRequestMessage request = new(new HttpMethod(operation.Method), gateway.AdminUri(operation.Path));
        if (operation.Body is not null)
        {
            request.Content = new StringContent(operation.Body, Encoding.UTF8, "application/json");
        }

        if (header is { } added)
        {
            request.Headers.TryAddWithoutValidation(added.Name, added.Value);
        }

        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader text = new(await answer.Content.ReadAsStreamAsync());
        char[] first = new char[256 * 1024];
        bool isStream = answer.Content.Headers.ContentType?.MediaType is "text/event-stream" or "application/x-ndjson";
        int read = isStream ? 0 : await text.ReadBlockAsync(first);
        seen.Append(answer.Headers).Append(first.AsSpan(0, read));
        return answer.StatusCode;
    }

    private static HttpClient Client(string? token)
    {
        HttpClient http = new() { Timeout = Deadline.Hang };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }

    private sealed record Operation(string Name, string Method, string Path, string Role, string? Body);
}
