using System.Net;

namespace FastGate.Tests.Http;

/// <summary>Protection of the admin listener against pages of other sites and against other clients.</summary>
public sealed class AdminGuardTests
{
    [Theory]
    [InlineData(null, null, null, 200)]
    [InlineData("localhost:8002", null, null, 200)]
    [InlineData("127.0.0.1", null, null, 200)]
    [InlineData("[::1]:8002", null, null, 200)]
    [InlineData("localhost:8002", "Origin", "http://localhost:8002", 200)]
    [InlineData("localhost:8002", "Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("localhost:8002", "Sec-Fetch-Site", "none", 200)]
    [InlineData("evil.example", null, null, 403)]
    [InlineData("evil.example:8002", "Origin", "http://evil.example:8002", 403)]
    [InlineData("127.0.0.1.evil.example", null, null, 403)]
    [InlineData("localhost.evil.example", null, null, 403)]
    [InlineData("10.0.0.1:8002", null, null, 403)]
    [InlineData("localhost:8002", "Origin", "http://evil.example", 403)]
    [InlineData("localhost:8002", "Origin", "http://localhost:3000", 403)]
    [InlineData("localhost:8002", "Origin", "https://localhost:8002", 403)]
    [InlineData("localhost:8002", "Origin", "null", 403)]
    [InlineData("localhost:8002", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("localhost:8002", "Sec-Fetch-Site", "same-site", 403)]
    public async Task Without_a_token_only_local_requests_that_no_other_site_caused_are_served(string? host, string? header, string? value, int status)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Get, "/api/v1/status"), (HttpMethod.Get, "/metrics"), (HttpMethod.Delete, "/api/v1/devices/a/memory"),
        })
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Host = host;
            if (header is not null)
            {
                request.Headers.Add(header, value);
            }

            using HttpResponseMessage response = await server.Admin.SendAsync(request);

            Assert.Equal((HttpStatusCode)status, response.StatusCode);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Rejected_request_erases_nothing()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.Turns["a"] = [];
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/devices/a/memory");
        request.Headers.Add("Origin", "http://evil.example");

        await server.Admin.SendAsync(request);

        Assert.Contains("a", server.Gateway.Turns.Keys);
    }

    [Fact]
    public async Task Link_may_be_followed_and_preflight_is_rejected()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using var link = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        link.Headers.Add("Sec-Fetch-Site", "cross-site");
        link.Headers.Add("Sec-Fetch-Mode", "navigate");
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/devices/a/memory");
        preflight.Headers.Add("Origin", "http://evil.example");
        preflight.Headers.Add("Access-Control-Request-Method", "DELETE");

        Assert.Equal(HttpStatusCode.OK, (await server.Admin.SendAsync(link)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Admin.SendAsync(preflight)).StatusCode);
    }

    [Theory]
    [InlineData("Bearer s3cret", 200)]
    [InlineData("bearer s3cret", 200)]
    [InlineData("Bearer s3cre", 401)]
    [InlineData("Bearer S3cret", 401)]
    [InlineData("Bearer s3cret2", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Basic s3cret", 401)]
    [InlineData("s3cret", 401)]
    [InlineData(null, 401)]
    public async Task With_a_token_only_requests_that_carry_it_are_served(string? authorization, int status)
    {
        await using HttpTestServer server = await new HttpTestServer { AdminToken = "s3cret" }.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = "gateway.example";
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count == 1);
        Assert.DoesNotContain("s3cret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A browser cannot send the token when it opens a page.</summary>
    [Theory]
    [InlineData("/talk", 200)]
    [InlineData("/talk/page.js", 200)]
    [InlineData("/talkative", 401)]
    [InlineData("/talk/../api/v1/status", 401)]
    [InlineData("/dashboard/app.js", 200)]
    [InlineData("/dashboards", 401)]
    [InlineData("/dashboard/../metrics", 401)]
    [InlineData("/index.html", 401)]
    public async Task With_a_token_only_the_pages_are_served_without_it(string path, int status)
    {
        await using HttpTestServer server = await new HttpTestServer { AdminToken = "s3cret" }.StartAsync();

        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.DoesNotContain("s3cret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_token_applies_to_the_next_request()
    {
        await using HttpTestServer server = await new HttpTestServer { AdminToken = "old" }.StartAsync();
        server.Admin.DefaultRequestHeaders.Add("Authorization", "Bearer old");
        var status = new Uri("/api/v1/status", UriKind.Relative);
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(status)).StatusCode);

        server.AdminToken = "new";

        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Admin.GetAsync(status)).StatusCode);
    }

    [Fact]
    public async Task Wrong_tokens_delay_the_right_one_and_requests_without_a_token_do_not()
    {
        await using HttpTestServer server = await new HttpTestServer { AdminToken = "s3cret" }.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("Bearer 1"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("Bearer 2"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("Bearer s3cret"));
        foreach (string guess in (string[])["1", "2", "3"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("Bearer " + guess));
        }

        using HttpResponseMessage delayed = await GetAsync("Bearer s3cret");
        Assert.Equal(HttpStatusCode.TooManyRequests, delayed.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), delayed.Headers.RetryAfter!.Delta);

        async Task<HttpStatusCode> StatusAsync(string? authorization)
        {
            using HttpResponseMessage response = await GetAsync(authorization);
            return response.StatusCode;
        }

        async Task<HttpResponseMessage> GetAsync(string? authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            return await server.Admin.SendAsync(request);
        }
    }
}
