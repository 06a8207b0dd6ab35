using System.Net;
using System.Text.Json;
using FastGate.Flight;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Diagnostics;
using FastGate.Tests.Memory;

namespace FastGate.Tests.Http;

[Collection(nameof(MetricsTextTests))]
public sealed class AdminEndpointsTests
{
    [Fact]
    public async Task Status_reports_all_components()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        JsonElement status = await GetAsync(server, "/api/v1/status");

        Assert.Equal("0.1.0", status.GetProperty("version").GetString());
        Assert.Equal("0.0.0.0:8000", status.GetProperty("listeners").GetProperty("devices").GetString());
        Assert.Equal(2, status.GetProperty("connections").GetProperty("registered").GetInt32());
        Assert.Equal(0.5, status.GetProperty("conversation").GetProperty("saturation").GetDouble());
        Assert.Equal(7, status.GetProperty("memory").GetProperty("stored").GetInt32());
        Assert.Equal((2, 0.25), (status.GetProperty("memory").GetProperty("threads").GetInt32(), status.GetProperty("memory").GetProperty("saturation").GetDouble()));
        Assert.Equal((4, 9, 0.25), (
            status.GetProperty("summaries").GetProperty("threads").GetInt32(),
            status.GetProperty("summaries").GetProperty("waiting").GetInt32(),
            status.GetProperty("summaries").GetProperty("saturation").GetDouble()));
        Assert.Equal(0, status.GetProperty("configuration").GetProperty("refused").GetInt32());
        Assert.True(status.GetProperty("process").GetProperty("residentBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task Device_pages_contain_each_device_once()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.Ids.AddRange(Enumerable.Range(0, 25).Select(static i => $"device-{i * 7 % 25:D2}"));
        List<string> seen = [];
        string? after = null;
        do
        {
            JsonElement page = await GetAsync(server, $"/api/v1/devices?limit=10&after={after}");
            Assert.Equal(25, page.GetProperty("total").GetInt32());
            seen.AddRange(page.GetProperty("devices").EnumerateArray().Select(static device => device.GetProperty("deviceId").GetString()!));
            after = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"device-{i:D2}"), seen);
    }

    [Theory]
    [InlineData("/api/v1/devices?limit=0")]
    [InlineData("/api/v1/devices?limit=1001")]
    [InlineData("/api/v1/devices?limit=ten")]
    [InlineData("/api/v1/handshakes?limit=-1")]
    [InlineData("/api/v1/devices/a/memory?limit=99999999999")]
    [InlineData("/api/v1/devices/a/memory?after=x")]
    public async Task Invalid_limit_or_position_is_rejected_with_an_explanation(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEqual("", JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff")]
    [InlineData("aa:bb:cc:dd:ee:ff", "AA%3ABB%3acc%3Add%3Aee%3Aff")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("小智", "%E5%B0%8F%E6%99%BA")]
    [InlineData("Éa", "%C3%89A")]
    public async Task Device_is_found_by_every_spelling_of_its_id(string id, string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.Ids.Add(id);

        JsonElement device = await GetAsync(server, $"/api/v1/devices/{path}");

        Assert.Equal(id, device.GetProperty("deviceId").GetString());
        Assert.True(device.GetProperty("helloSeen").GetBoolean());
        Assert.False(device.TryGetProperty("clientId", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Admin.GetAsync(new Uri("/api/v1/devices/none", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Handshakes_are_listed_newest_first_with_their_reasons()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        for (int i = 0; i < 3; i++)
        {
            server.Handshakes.Add(new ConnectionRecord
            {
                At = DateTimeOffset.UnixEpoch,
                Verdict = FastGate.Flight.Verdict.TokenWrongKey,
                Peer = new IPEndPoint(IPAddress.Loopback, 5),
                Target = FastGate.Protocol.Handshake.HandshakeText.RenderTarget("/xiaozhi/v1/?authorization=Bearer+x\r\n"u8),
                HeaderNames = ["Host", "Device-Id"],
                Sources = [new HandshakeSourceOutcome("QueryDeviceId", "Empty")],
                DeviceId = $"auto-{i}",
                Auth = "BadSignature",
                Status = 401,
            });
        }

        JsonElement page = await GetAsync(server, "/api/v1/handshakes?limit=2");

        Assert.Equal(3, page.GetProperty("total").GetInt32());
        JsonElement[] handshakes = [.. page.GetProperty("handshakes").EnumerateArray()];
        Assert.Equal(["auto-2", "auto-1"], handshakes.Select(static handshake => handshake.GetProperty("deviceId").GetString()));
        Assert.Equal("/xiaozhi/v1/?authorization=***", handshakes[0].GetProperty("target").GetString());
        Assert.Equal("Empty", handshakes[0].GetProperty("sources")[0].GetProperty("outcome").GetString());
        Assert.Equal(401, handshakes[0].GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Llm_explanation_keeps_chinese_text_readable()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        string text = await server.Admin.GetStringAsync(new Uri("/api/v1/llm", UriKind.Relative));

        Assert.Contains("\"why\":\"默认\"", text, StringComparison.Ordinal);
        Assert.Contains("\"overrides\":{\"temperature\":\"0.5\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speech_providers_are_explained()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        JsonElement speech = await GetAsync(server, "/api/v1/speech");

        Assert.Equal("conversation", speech.GetProperty("mode").GetString());
        JsonElement provider = Assert.Single(speech.GetProperty("recognizers").EnumerateArray());
        Assert.Equal(("耳朵", "closed", 64), (provider.GetProperty("alias").GetString(), provider.GetProperty("breaker").GetString(), provider.GetProperty("slots").GetInt32()));
        Assert.Equal("***", provider.GetProperty("settings")[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Memory_is_exported_in_pages_and_erased()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.Summary = new StoredSummary("summary", 1, DateTimeOffset.UnixEpoch);

        // Real ids are this large: as JavaScript numbers, neighbouring ids would be equal.
        const long Before = 1_800_000_000_000L << 20;
        server.Gateway.Turns["aa:bb"] = [.. Enumerable.Range(1, 5).Select(static i => new StoredExchange(Before + i, "aa:bb", "s", DateTimeOffset.UnixEpoch, $"问{i}", $"答{i}"))];

        JsonElement first = await GetAsync(server, "/api/v1/devices/AA%3ABB/memory?limit=3");
        JsonElement second = await GetAsync(server, $"/api/v1/devices/aa%3Abb/memory?limit=3&after={first.GetProperty("next").GetString()}");

        Assert.Equal("summary", first.GetProperty("summary").GetProperty("text").GetString());
        Assert.Equal(
            ["问1", "问2", "问3", "问4", "问5"],
            new[] { first, second }.SelectMany(static page => page.GetProperty("turns").EnumerateArray()).Select(static turn => turn.GetProperty("user").GetString()));
        Assert.False(second.TryGetProperty("next", out _));

        using HttpResponseMessage erased = await server.Admin.DeleteAsync(new Uri("/api/v1/devices/AA%3ABB/memory", UriKind.Relative));
        Assert.Equal("""{"deviceId":"aa:bb","erasedTurns":5}""", await erased.Content.ReadAsStringAsync());
        Assert.Equal(0, (await GetAsync(server, "/api/v1/devices/aa:bb/memory")).GetProperty("turns").GetArrayLength());
    }

    [Fact]
    public async Task Erasing_a_device_keeps_a_device_with_a_similar_id()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.Turns["é1"] = [new StoredExchange(1, "é1", "s", DateTimeOffset.UnixEpoch, "问", "答")];

        using HttpResponseMessage erased = await server.Admin.DeleteAsync(new Uri("/api/v1/devices/%C3%891/memory", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, erased.StatusCode);
        Assert.Single(server.Gateway.Turns["é1"]);
    }

    [Fact]
    public async Task Failing_store_gives_status_503()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.Gateway.MemoryFailure = new InvalidOperationException("database is locked");
        var path = new Uri("/api/v1/devices/a/memory", UriKind.Relative);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Admin.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Admin.DeleteAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Erasing_while_the_disk_is_full_is_answered_after_ten_seconds_and_done_when_there_is_room()
    {
        var time = new ManualTimeProvider();
        using var store = new FakeMemoryStore();
        await using var memory = new TestMemory(store);
        memory.Say("aa:bb", "secret");
        await memory.FlushAsync();
        store.Failure = MemoryFailure.Full;
        await using HttpTestServer server = await new HttpTestServer { Time = time }.StartAsync();
        server.Gateway.Erase = deviceId => memory.Writer.EraseAsync(deviceId, CancellationToken.None);

        Task<HttpResponseMessage> request = server.Admin.DeleteAsync(new Uri("/api/v1/devices/aa:bb/memory", UriKind.Relative));
        await time.TurnToNextAsync(TimeSpan.FromSeconds(10));

        using HttpResponseMessage response = await request.WaitAsync(TestMemory.Timeout);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("accepted", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, server.Log.Count(7204));
        Assert.Single(store.Exchanges);

        store.Failure = null;
        await server.Log.Logged(7203);
        Assert.Empty(store.Exchanges);
    }

    [Fact]
    public async Task Metrics_are_prometheus_text()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var text = new PrometheusText(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(0, text["fastgate_scrape_errors_total"]);
        Assert.True(text["process_resident_memory_bytes"] > 0);
        Assert.Contains(text.Samples, static sample => sample.StartsWith("fastgate_build_info{", StringComparison.Ordinal));
        Assert.Equal("counter", text.Types["dotnet_gc_collections_total"]);
    }

    private static async Task<JsonElement> GetAsync(HttpTestServer server, string path)
    {
        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
