using System.Net;

namespace FastGate.Tests.Http;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task Health_distinguishes_liveness_from_readiness()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        Assert.Equal("""{"status":"live"}""", await server.Public.GetStringAsync(new Uri("/health/live", UriKind.Relative)));
        Assert.Equal("""{"status":"ready","reasons":[]}""", await server.Public.GetStringAsync(new Uri("/health/ready", UriKind.Relative)));

        server.Readiness = new FastGate.Http.Health.ReadinessReport(false, ["draining", "memory degraded: disk full"]);
        using HttpResponseMessage response = await server.Public.GetAsync(new Uri("/health/ready", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"status":"not ready","reasons":["draining","memory degraded: disk full"]}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await server.Public.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/health/live");
        Assert.Equal(HttpStatusCode.OK, (await server.Public.SendAsync(head)).StatusCode);
    }
}
