using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.Connections;
using FastGate.Hosting;
using FastGate.Hosting.Adapters;
using FastGate.Http.Admin;
using FastGate.Testing;

namespace FastGate.Tests.Http;

/// <summary>The routes of the drain, with the drain of real connections behind them.</summary>
[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class DrainEndpointsTests : IDisposable
{
    private const string Path = "/api/v1/drain";

    private readonly ConnectionHarness _harness = new();
    private readonly FleetDrain _drain;

    public DrainEndpointsTests() => _drain = new FleetDrain(_harness.Services, TimeProvider.System);

    public void Dispose()
    {
        _drain.Cancel();
        _harness.Dispose();
    }

    [Fact]
    public async Task Drain_is_started_reported_and_cancelled()
    {
        await using HttpTestServer server = await StartAsync();
        Assert.Equal("none", Text((await SendAsync(server, HttpMethod.Get)).Body, "state"));

        (HttpStatusCode status, JsonElement begun) = await SendAsync(server, HttpMethod.Post, """{"filter":{"prefix":"AA-"},"rate":50,"close":1012}""");

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((50, 1012, "prefix=AA-"), (begun.GetProperty("rate").GetInt32(), begun.GetProperty("close").GetInt32(), Text(begun, "filter")));
        (status, JsonElement problem) = await SendAsync(server, HttpMethod.Post, """{"filter":{}}""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("prefix=AA-", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503", await _harness.Connect().UpgradeAsync(headers: "Device-Id: aa-1\r\n"), StringComparison.Ordinal);
        Assert.Equal(1, (await SendAsync(server, HttpMethod.Get)).Body.GetProperty("refused").GetInt32());

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Delete)).Status);

        Assert.StartsWith("HTTP/1.1 101", await _harness.Connect().UpgradeAsync(headers: "Device-Id: aa-1\r\n"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Delete)).Status);
        Assert.Equal(("drain", "prefix=AA-"), server.Audit!.Page(null, 10).Acts.Select(static act => (act.Act, act.Target!)).Last());
    }

    [Theory]
    [InlineData("""{}""", "filter is missing")]
    [InlineData("""{"filter":{},"close":1000}""", "close is 1001 or 1012")]
    [InlineData("""{"filter":{},"rate":0}""", "rate is a number")]
    [InlineData("""{"filter":{"address":"10.0.0.0/99"}}""", "address is an IP address")]
    [InlineData("""{"filter":{"prefx":"a"}}""", "not the expected JSON")]
    public async Task Wrong_body_is_400_and_starts_nothing(string body, string detail)
    {
        await using HttpTestServer server = await StartAsync();

        (HttpStatusCode status, JsonElement problem) = await SendAsync(server, HttpMethod.Post, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Null(_drain.Active);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpTestServer server, HttpMethod method, string? body = null)
    {
        using var request = new HttpRequestMessage(method, Path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await server.Admin.SendAsync(request);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private Task<HttpTestServer> StartAsync() => new HttpTestServer
    {
        MapAdmin = routes => new DrainEndpoints(
            new DrainActs(_drain, new FleetActs(_harness.Services, new FleetWalk(TimeProvider.System, CancellationToken.None), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))).Map(routes),
    }.StartAsync();
}
