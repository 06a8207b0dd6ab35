using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

/// <summary>What every act has in common: role, idempotency, audit log, problem answers.</summary>
[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class AdminRoutesTests
{
    private const string Path = "/api/v1/devices/aa%3Abb/act";

    private readonly ManualTimeProvider _time = new();
    private int _runs;
    private Func<AdminAct, Task<AdminAnswer>> _run = static _ => Task.FromResult(AdminAnswer.Done);

    [Fact]
    public async Task Same_key_with_the_same_act_gets_the_recorded_answer()
    {
        await using HttpTestServer server = await StartAsync();
        _run = act => Task.FromResult(AdminAnswer.Of(new MemoryErasure("x", _runs), AdminJson.Default.MemoryErasure, 202));

        string first = await BodyAsync(await ActAsync(server, "k1"));
        using HttpResponseMessage again = await ActAsync(server, "k1");

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(first, await BodyAsync(again));
        Assert.Equal("k1", Assert.Single(again.Headers.GetValues("Request-Id")));
        Assert.Equal(1, _runs);
        AuditRecord[] acts = [.. server.Audit!.Page(null, 10).Acts];
        Assert.Equal([("repeated", "aa:bb", 202L), ("done", "aa:bb", 202L)], acts.Select(static act => (act.Outcome, act.Target!, (long)act.Status)));
        Assert.Equal((AdminRole.Operate, "127.0.0.1", "device.act", "k1"), (acts[0].Role, acts[0].Address, acts[0].Act, acts[0].RequestId));
        Assert.Equal(2, server.Log.Count(7300));
    }

    [Theory]
    [InlineData("k1", Path, "{\"a\":2}")]
    [InlineData("k1", Path + "?force=1", "{\"a\":1}")]
    [InlineData("k1", "/api/v1/devices/other/act", "{\"a\":1}")]
    public async Task Same_key_with_another_act_is_409(string key, string path, string body)
    {
        await using HttpTestServer server = await StartAsync();
        await ActAsync(server, "k1", Path, "{\"a\":1}");

        using HttpResponseMessage answer = await ActAsync(server, key, path, body);

        await AssertProblemAsync(answer, HttpStatusCode.Conflict);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Without_a_key_and_with_another_key_the_act_runs_again()
    {
        await using HttpTestServer server = await StartAsync();

        await ActAsync(server, null);
        await ActAsync(server, null);
        await ActAsync(server, "k1");
        await ActAsync(server, "k2");

        Assert.Equal(4, _runs);
        Assert.Equal(4, server.Audit!.Page(null, 10).Acts.Select(static act => act.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task Key_is_forgotten_after_an_hour()
    {
        await using HttpTestServer server = await StartAsync();
        await ActAsync(server, "k1");

        _time.Turn(TimeSpan.FromMinutes(59));
        await ActAsync(server, "k1");
        Assert.Equal(1, _runs);

        _time.Turn(TimeSpan.FromMinutes(1));
        await ActAsync(server, "k1");
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task Failed_act_is_run_again_and_a_refused_one_is_not()
    {
        await using HttpTestServer server = await StartAsync();
        _run = static _ => throw new InvalidOperationException("planted");
        using HttpResponseMessage failed = await ActAsync(server, "k1");
        await AssertProblemAsync(failed, HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("planted", await BodyAsync(failed), StringComparison.Ordinal);
        Assert.Equal(1, server.Log.Count(7301));

        _run = static _ => throw new AdminProblemException(404, "no such device");
        await AssertProblemAsync(await ActAsync(server, "k1"), HttpStatusCode.NotFound);
        _run = static _ => Task.FromResult(AdminAnswer.Done);
        await AssertProblemAsync(await ActAsync(server, "k1"), HttpStatusCode.NotFound);

        Assert.Equal(2, _runs);
        Assert.Equal(["repeated", "refused", "failed"], server.Audit!.Page(null, 10).Acts.Select(static act => act.Outcome));
    }

    [Fact]
    public async Task Request_with_the_key_of_an_act_in_progress_waits_for_its_answer()
    {
        await using HttpTestServer server = await StartAsync();
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        _run = async _ =>
        {
            begun.SetResult();
            await end.Task;
            return AdminAnswer.Done;
        };
        Task<HttpResponseMessage> first = ActAsync(server, "k1");
        await begun.Task;
        Task<HttpResponseMessage> second = ActAsync(server, "k1");
        end.SetResult();

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NoContent], (await Task.WhenAll(first, second)).Select(static answer => answer.StatusCode));
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Number_of_recorded_answers_is_bounded()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new FastGate.Diagnostics.AdminMetrics(services.GetRequiredService<IMeterFactory>());
        var replays = new ActReplays(new ActStore(null), _time, metrics, NullLogger.Instance);
        for (int i = 0; i <= ActReplays.Capacity; i++)
        {
            await replays.RunAsync($"k{i}", "f", RunAsync, Fail);
        }

        // The second is still known, the first is not.
        bool replayed = false;
        await replays.RunAsync("k1", "f", RunAsync, () => replayed = true);
        Assert.True(replayed);
        await replays.RunAsync("k0", "f", RunAsync, Fail);
        Assert.Equal(ActReplays.Capacity + 2, _runs);

        Task<AdminAnswer> RunAsync()
        {
            _runs++;
            return Task.FromResult(AdminAnswer.Done);
        }

        static void Fail() => Assert.Fail("No recorded answer was expected.");
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public async Task Key_of_other_characters_is_refused(string key)
    {
        await using HttpTestServer server = await StartAsync();

        await AssertProblemAsync(await ActAsync(server, key), HttpStatusCode.BadRequest);
        await AssertProblemAsync(await ActAsync(server, new string('k', 129)), HttpStatusCode.BadRequest);
        Assert.Equal(0, _runs);
    }

    [Theory]
    [InlineData("{\"deviceId\":\"a\",\"erasedTurns\":1}", "application/json", HttpStatusCode.NoContent)]
    [InlineData("{\"deviceId\":\"a\",\"erasedTurns\":\"secret-text\"}", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{\"deviceId\":\"a\"", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("a=b", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task Body_that_is_not_the_expected_json_is_refused_without_quoting_it(string body, string type, HttpStatusCode status)
    {
        await using HttpTestServer server = await StartAsync();
        _run = static act =>
        {
            act.Read(AdminJson.Default.MemoryErasure);
            return Task.FromResult(AdminAnswer.Done);
        };

        using HttpResponseMessage answer = await ActAsync(server, null, Path, body, type);

        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain("secret-text", await BodyAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_token_reads_and_never_acts()
    {
        await using HttpTestServer server = await StartAsync("operate", "view");
        server.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "view");

        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync(new Uri("/api/v1/status", UriKind.Relative))).StatusCode);
        await AssertProblemAsync(await ActAsync(server, null), HttpStatusCode.Forbidden);
        await AssertProblemAsync(await server.Admin.GetAsync(new Uri("/api/v1/devices/a/memory", UriKind.Relative)), HttpStatusCode.Forbidden);
        Assert.Equal(0, _runs);

        server.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "operate");
        Assert.Equal(HttpStatusCode.NoContent, (await ActAsync(server, null)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/api/v1/status", HttpStatusCode.MethodNotAllowed)]
    public async Task Unknown_path_or_method_is_a_problem_answer(string method, string path, HttpStatusCode status)
    {
        await using HttpTestServer server = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        await AssertProblemAsync(await server.Admin.SendAsync(request), status);
    }

    [Fact]
    public async Task Audit_log_is_paged_from_the_newest_to_the_oldest_that_is_kept()
    {
        await using HttpTestServer server = await StartAsync();
        for (int i = 0; i < AuditLog.Capacity + 5; i++)
        {
            server.Audit!.Add(new AdminCaller(AdminRole.Operate, "127.0.0.1"), "act", $"d{i}\n", 200, "done", $"r{i}");
        }

        List<string> seen = [];
        string? after = null;
        do
        {
            JsonElement page = await server.Admin.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/audit?limit=300&after={after}", UriKind.Relative));
            Assert.Equal(AuditLog.Capacity + 5, page.GetProperty("total").GetInt32());
            seen.AddRange(page.GetProperty("acts").EnumerateArray().Select(static act => act.GetProperty("target").GetString()!));
            after = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(5, AuditLog.Capacity).Reverse().Select(static i => $@"d{i}\x0A"), seen);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
        JsonElement problem = JsonDocument.Parse(await BodyAsync(answer)).RootElement;
        Assert.Equal(((int)status, "about:blank"), (problem.GetProperty("status").GetInt32(), problem.GetProperty("type").GetString()));
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("error").GetString());
    }

    private static Task<string> BodyAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();

    private static async Task<HttpResponseMessage> ActAsync(
        HttpTestServer server, string? key, string path = Path, string body = "", string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await server.Admin.SendAsync(request);
    }

    private Task<HttpTestServer> StartAsync(string? token = null, string? viewToken = null) => new HttpTestServer
    {
        Time = _time,
        AdminToken = token,
        ViewToken = viewToken,
        MapAdmin = routes => routes.Act(
            HttpMethods.Post, "/api/v1/devices/{id}/act", new AdminOperation("device.act", "A test") { Example = "{}" }, act =>
            {
                _runs++;
                act.DeviceId();
                return _run(act);
            }),
    }.StartAsync();
}
