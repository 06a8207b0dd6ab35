using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Http.Admin;
using FastGate.Tests.Commands;

namespace FastGate.Tests.Http;

/// <summary>The routes of the commands: answers, refusals and what stays out of the audit log.</summary>
[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class CommandEndpointsTests : IDisposable
{
    private const string Device = "/api/v1/devices/AA%3ABB/commands";

    private readonly TestCommands _commands = new(path: null, new CommandOptions { PerDevice = 2, Total = 3 });

    public void Dispose() => _commands.Dispose();

    [Fact]
    public async Task Command_is_accepted_shown_listed_and_cancelled()
    {
        await using HttpTestServer server = await StartAsync();

        (HttpStatusCode status, JsonElement accepted) = await SendAsync(server, HttpMethod.Post, Device, """{"tool":"self.reboot","arguments":{"pin":"1234"},"ttl":60}""");

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(("queued", "aa:bb", "self.reboot", false), (Text(accepted, "state"), Text(accepted, "deviceId"), Text(accepted, "tool"), accepted.GetProperty("durable").GetBoolean()));
        Assert.Equal(TimeSpan.FromMinutes(1), accepted.GetProperty("expiresAt").GetDateTimeOffset() - accepted.GetProperty("createdAt").GetDateTimeOffset());
        string path = $"/api/v1/commands/{Text(accepted, "id")}";
        Assert.Equal("queued", Text((await SendAsync(server, HttpMethod.Get, path)).Body, "state"));
        JsonElement page = (await SendAsync(server, HttpMethod.Get, Device)).Body;
        Assert.Equal(1, page.GetProperty("total").GetInt32());
        Assert.Equal(Text(accepted, "id"), Text(page.GetProperty("commands")[0], "id"));
        Assert.Equal("cancelled", Text((await SendAsync(server, HttpMethod.Delete, path)).Body, "state"));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(server, HttpMethod.Delete, path)).Status);
        Assert.Equal(["command.cancel", "command.cancel", "device.command"], server.Audit!.Page(null, 10).Acts.Select(static act => act.Act));
        Assert.DoesNotContain("1234", JsonSerializer.Serialize(server.Audit.Page(null, 10).Acts.Select(static act => act.Target)) + string.Concat(server.Log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("1234", page.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "either tool")]
    [InlineData("""{"tool":"a","raw":{}}""", "either tool")]
    [InlineData("""{"raw":{},"arguments":{}}""", "either tool")]
    [InlineData("""{"tool":""}""", "tool is a name")]
    [InlineData("""{"tool":"a\nb"}""", "tool is a name")]
    [InlineData("""{"tool":"a","arguments":[1]}""", "arguments is a JSON object")]
    [InlineData("""{"raw":"text"}""", "raw is a JSON object")]
    [InlineData("""{"tool":"a","timeout":0}""", "timeout is a number of seconds from 0.1 to 300")]
    [InlineData("""{"tool":"a","ttl":0.5}""", "ttl is a number of seconds from 1 to 2592000")]
    [InlineData("""{"tool":"a","argumnets":{}}""", "not the expected JSON")]
    public async Task Wrong_body_is_400(string body, string detail)
    {
        await using HttpTestServer server = await StartAsync();

        (HttpStatusCode status, JsonElement problem) = await SendAsync(server, HttpMethod.Post, Device, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Equal(0, _commands.Commands.Pending);
    }

    [Fact]
    public async Task Refusals_have_their_status()
    {
        await using HttpTestServer server = await StartAsync();
        string tool = """{"tool":"a"}""";
        await SendAsync(server, HttpMethod.Post, Device, tool);
        await SendAsync(server, HttpMethod.Post, Device, tool);

        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(server, HttpMethod.Post, Device, tool)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(server, HttpMethod.Post, "/api/v1/devices/c/commands", tool)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(server, HttpMethod.Post, "/api/v1/devices/d/commands", tool)).Status);
        string tooLong = $$"""{"raw":{"a":"{{new string('x', DeviceCommands.MaxPayload)}}"} }""";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(server, HttpMethod.Post, "/api/v1/devices/d/commands", tooLong)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Get, "/api/v1/commands/1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Get, "/api/v1/commands/one")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(server, HttpMethod.Get, Device + "?after=x")).Status);
    }

    [Fact]
    public async Task Role_view_reads_and_does_not_act()
    {
        await using HttpTestServer server = await StartAsync();
        (server.AdminToken, server.ViewToken) = ("operate-token", "view-token");
        server.Admin.DefaultRequestHeaders.Authorization = new("Bearer", "view-token");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Get, Device)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Post, Device, """{"tool":"a"}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Delete, "/api/v1/commands/1")).Status);
        Assert.Equal(0, _commands.Commands.Pending);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpTestServer server, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await server.Admin.SendAsync(request);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private Task<HttpTestServer> StartAsync() => new HttpTestServer { MapAdmin = routes => new CommandEndpoints(_commands.Commands).Map(routes) }.StartAsync();
}
