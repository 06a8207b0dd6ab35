using System.Net;
using System.Text.Json;

namespace FastGate.Tests.Http;

[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class RestartEndpointsTests
{
    private static readonly Uri s_path = new("/api/v1/restart", UriKind.Relative);

    [Fact]
    public async Task An_accepted_restart_is_202_with_the_number_of_restarts_before_it()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage answer = await server.Admin.PostAsync(s_path, null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(3, (await BodyAsync(answer)).GetProperty("restarts").GetInt32());
        Assert.Equal(1, server.Restart.Begun);
    }

    [Fact]
    public async Task A_refused_restart_is_409_with_the_reason_and_is_reported()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Restart.Refusal = "no such file";

        using HttpResponseMessage answer = await server.Admin.PostAsync(s_path, null);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("no such file", (await BodyAsync(answer)).GetProperty("error").GetString());
        using HttpResponseMessage reported = await server.Admin.GetAsync(s_path);
        JsonElement report = await BodyAsync(reported);
        Assert.Equal("no such file", report.GetProperty("refused").GetProperty("reason").GetString());
        Assert.Equal((15_000, 2, 90, 4, 1), (Last("connections"), Last("closed"), Last("gapMs"), Last("turnsWaited"), Last("turnsCut")));

        int Last(string name) => report.GetProperty("last").GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Without_the_token_nothing_begins()
    {
        await using HttpTestServer server = await new HttpTestServer { AdminToken = "token" }.StartAsync();

        using HttpResponseMessage answer = await server.Admin.PostAsync(s_path, null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, server.Restart.Begun);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
