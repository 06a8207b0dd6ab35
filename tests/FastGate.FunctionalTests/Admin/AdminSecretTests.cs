using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.FunctionalTests.Telemetry;

namespace FastGate.FunctionalTests.Admin;

/// <summary>
/// Secrets of every setting, of devices and of wrong requests are planted. Then every operation of the API's document is requested with values in every
/// place, right and wrong ones. No secret comes out anywhere.
/// </summary>
public sealed class AdminSecretTests(OpenAiServer llm) : IClassFixture<OpenAiServer>
{
    private const string DeviceId = "aa:bb:cc:dd:ee:ff";
    private const string Quick = "export OTEL_METRIC_EXPORT_INTERVAL=200 OTEL_BSP_SCHEDULE_DELAY=100 OTEL_BLRP_SCHEDULE_DELAY=100";

    /// <summary>Private words: what was said, and texts and arguments of acts. They are what a trace, a command's result and the memory are for.</summary>
    private const string Words = "private words";

    /// <summary>Secrets of requests that are refused.</summary>
    private const string Guess = "a wrong secret";

    /// <summary>Properties that name what an act is about: they are in its answer and in the audit log.</summary>
    private static readonly string[] s_names = ["device", "address", "prefix", "firmware", "board", "tag", "tags", "category", "tool"];

    /// <summary>Would end the server or close the device.</summary>
    private static readonly string[] s_last = ["restart", "drain", "kick", "device.kick"];

    /// <summary>Log lines of servers that repeat what they were sent.</summary>
    private static readonly string[] s_failures = ["Call to other", "Speech provider failed: voice: HTTP 401", "MCP server program failed", "MCP server remote failed"];

    private readonly PlantedSecrets _planted = new();

    [Fact]
    public async Task No_answer_log_trace_export_or_file_has_a_planted_secret()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc: false);
        string[] options = Options(collector.Address.Port);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(options, shell: Quick));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, DeviceId, _planted["device token"]);
        ApiDocument document = await ApiDocument.ReadAsync(gateway, _planted["operate token"]);
        using ApiClient client = new(gateway, document);

        // A trace records what follows.
        Assert.Equal(HttpStatusCode.Created, await SendAsync(client, document["trace"], document["trace"].Template));
        await device.SendAsync("""{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket"}""");
        await device.ReceiveUntilAsync("hello");
        await device.SayAsync($"你好，{_planted[Words]}");
        await device.SendAsync(DeviceTexts.Restart(_planted[Guess]));
        await device.PingAsync();
        foreach (string query in (string[])["", $"?token={_planted[Guess]}", $"?authorization=Bearer%20{_planted[Guess]}"])
        {
            await Assert.ThrowsAnyAsync<System.Net.WebSockets.WebSocketException>(async () => await DeviceClient.ConnectAsync(
                gateway.DeviceUri($"/xiaozhi/v1/{query}"), socket => socket.SetRequestHeader("Authorization", $"Bearer {_planted[Guess]}")));
        }

        await Eventually.TrueAsync(() => s_failures.All(failure => gateway.Log.Contains(failure, StringComparison.Ordinal)));
        int done = 0;
        foreach (ApiOperation operation in document.Operations.OrderBy(operation => s_last.Contains(operation.Name)))
        {
            done += await RequestAllAsync(client, operation) ? 1 : 0;
        }

        Assert.True(done > document.Operations.Count / 2, $"{done} operations succeeded");
        await ReloadBrokenFilesAsync(gateway, client, document["reload"]);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(client, document["audit"], "/api/v1/audit?limit=1000"));
        await Eventually.TrueAsync(() => collector.Spans.Any() && collector.LogRecords.Any() && collector.Metrics.Any());
        ServerCommand check = await ServerCommand.RunAsync(gateway, ["config", "check", .. options]);
        await gateway.TerminateAsync();

        _planted.AssertAbsent("an answer", client.Seen, Words);
        _planted.AssertAbsent("the log", gateway.Log);
        _planted.AssertAbsent("an export", collector.Text);
        Assert.Contains("FastGate:Admin:Token = ***", check.Output, StringComparison.Ordinal);
        _planted.AssertAbsent("config check", check.Output + check.Errors);
        foreach (string file in Directory.GetFiles(gateway.WorkingDirectory, "*", SearchOption.AllDirectories).Where(static file => !file.Contains("fastgate.db", StringComparison.Ordinal)))
        {
            _planted.AssertAbsent(file, await File.ReadAllTextAsync(file), Words);
        }
    }

    private string[] Options(int collector) =>
    [
        $"--FastGate:Admin:Token={_planted["operate token"]}",
        $"--FastGate:Admin:ViewToken={_planted["view token"]}",
        $"--FastGate:Management:Secret={_planted["management secret"]}",
        "--FastGate:Devices:Timeouts:Hello=00:05:00",
        "--FastGate:Auth:Enabled=true",
        $"--FastGate:Auth:Key={_planted["auth key"]}",
        $"--FastGate:Devices:Tls:Password={_planted["tls password"]}",
        $"--FastGate:Auth:Tokens:0={_planted["device token"]}",
        .. llm.Options("echo-key"),
        "--FastGate:Llm:ByMode:vision=other",
        $"--FastGate:Llm:Providers:other:BaseUrl=http://user:{_planted["llm password"]}@127.0.0.1:{llm.Port}/v1?access={_planted["llm query"]}",
        $"--FastGate:Llm:Providers:other:ApiKey={_planted["llm key"]}",
        "--FastGate:Speech:Asr:Providers:ear:Type=openai",
        $"--FastGate:Speech:Asr:Providers:ear:BaseUrl=http://user:{_planted["ear password"]}@127.0.0.1:{llm.Port}/v1",
        $"--FastGate:Speech:Asr:Providers:ear:ApiKey={_planted["ear key"]}",
        "--FastGate:Speech:Tts:Providers:voice:Type=openai",
        $"--FastGate:Speech:Tts:Providers:voice:BaseUrl=http://user:{_planted["voice password"]}@127.0.0.1:{llm.Port}/v1",
        $"--FastGate:Speech:Tts:Providers:voice:ApiKey={_planted["voice key"]}",
        $"--FastGate:Webhooks:All:0=http://127.0.0.1:{llm.Port}/hook/{_planted["webhook path"]}",
        $"--FastGate:Webhooks:Secrets:0={_planted["webhook secret"]}",
        $"--FastGate:Telemetry:Endpoint=http://user:{_planted["collector password"]}@127.0.0.1:{collector}/",
        "--FastGate:Telemetry:Protocol=HttpProtobuf",
        "--FastGate:Telemetry:TraceOneIn=1",
        $"--FastGate:Telemetry:Headers=authorization=Bearer {_planted["collector header"]}",
        $"--FastGate:Memory:ConnectionString=Host=127.0.0.1;Port=9;Username=user;Password={_planted["memory password"]}",
        $"--FastGate:Cluster:Redis=127.0.0.1:9,password={_planted["cluster password"]},abortConnect=false",
        $"--FastGate:Vision:Url=http://user:{_planted["vision password"]}@127.0.0.1:9/explain",
        $"--FastGate:Http:WebSocketUrl=ws://user:{_planted["device password"]}@127.0.0.1:9/xiaozhi/v1/",
        "--FastGate:Mcp:Servers:program:Command=/bin/sh",
        "--FastGate:Mcp:Servers:program:Arguments:0=-c",
        $"--FastGate:Mcp:Servers:program:Arguments:1=echo \"$PLANTED at postgres://user:{_planted["argument password"]}@db/x\" >&2; exit 1",
        $"--FastGate:Mcp:Servers:program:Environment:PLANTED={_planted["program variable"]}",
        $"--FastGate:Mcp:Servers:remote:Url=http://user:{_planted["mcp password"]}@127.0.0.1:{llm.Port}/mcp?access={_planted["mcp query"]}",
        $"--FastGate:Mcp:Servers:remote:Headers:X-Access={_planted["mcp header"]}",
        $"--FastGate:Mcp:Servers:remote:ApiKey={_planted["mcp key"]}",
        "--Logging:LogLevel:Default=Trace",
    ];

    /// <summary>The example, then a value in each place. True when the example is done.</summary>
    private async Task<bool> RequestAllAsync(ApiClient client, ApiOperation operation)
    {
        string path = operation.Path(operation.IsOfDevice ? DeviceId : "1");
        await client.SendAsync(operation, null, path, null, ("Authorization", $"Basic {_planted[Guess]}"), ("Cookie", $"token={_planted[Guess]}"));
        if (operation.Name == "restart")
        {
            // It ends the process that the other requests need.
            return false;
        }

        foreach (string name in operation.Query.Append("token").Append("access_token"))
        {
            await SendAsync(client, operation, $"{path}?{name}={(s_names.Contains(name) ? "none" : _planted[Guess])}");
            await SendAsync(client, operation, $"{path}?{name}=-1&{name}=2");
        }

        await SendAsync(client, operation, operation.Path("不存在/%2F"));
        await SendAsync(client, operation, path, null, ("User-Agent", _planted[Guess]), ("Referer", $"http://127.0.0.1/?token={_planted[Guess]}"), ("X-Api-Key", _planted[Guess]));
        await SendAsync(client, operation, path, null, ("Idempotency-Key", $"two words {_planted[Guess]}"));
        if (operation.Body is { } body)
        {
            await RequestBodiesAsync(client, operation, path, body);
        }

        return (int)await SendAsync(client, operation, path) < 300;
    }

    private async Task RequestBodiesAsync(ApiClient client, ApiOperation operation, string path, JsonObject body)
    {
        string text = body.ToJsonString();
        foreach (string broken in (string[])[$"{text[..^1]},\"other\":\"{_planted[Guess]}\"}}", $"{text[..^1]},\"{_planted[Guess]}", $"[\"{_planted[Guess]}\"]", $"\"{_planted[Guess]}\"", "null", ""])
        {
            await SendAsync(client, operation, path, ApiClient.Json(broken));
        }

        StringContent form = ApiClient.Json(_planted[Guess]);
        form.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        await SendAsync(client, operation, path, form);
        foreach (string name in body.Select(static property => property.Key).Append("text").Append("arguments").Append("raw").Distinct())
        {
            JsonNode[] values = s_names.Contains(name) || name == "reason"
                ? ["no such name", 1, new JsonObject { ["x"] = _planted[Guess] }]
                : [_planted[Words], -1, new JsonObject { ["x"] = _planted[Words] }, new JsonArray(_planted[Words])];
            foreach (JsonNode value in values)
            {
                JsonObject changed = body.DeepClone().AsObject();
                changed[name] = value;
                await SendAsync(client, operation, path, ApiClient.Json(changed.ToJsonString()));
            }
        }
    }

    /// <summary>The reasons why a file is refused go to the answer and to the log.</summary>
    private async Task ReloadBrokenFilesAsync(GatewayProcess gateway, ApiClient client, ApiOperation reload)
    {
        string file = Path.Combine(gateway.WorkingDirectory, "appsettings.json");
        string[] values =
        [
            $$"""{"Auth":{"ExpireSeconds":"x","Tokens":{"1":"two words {{_planted["broken token"]}}"} } }""",
            $$"""{"Session":{"Language":"http://user:{{_planted["broken address"]}}@h/"} }""",
            $$"""{"Speech":{"Asr":{"Providers":{"ear":{"Speed":"http://user:{{_planted["broken address"]}}/@h/"} } } } }""",
            $$"""{"Mcp":{"Servers":{"another":{"Url":"ftp://user:{{_planted["broken address"]}}@h/"} } } }""",
            $$"""{"Management":{"Secret":"{{_planted["broken secret"]}}""",
        ];
        foreach (string value in values)
        {
            await File.WriteAllTextAsync(file, $"{{\"FastGate\":{value}}}");
            await SendAsync(client, reload, reload.Template);
        }

        File.Delete(file);
        Assert.Contains("Auth:Tokens:1", client.Seen, StringComparison.Ordinal);
        Assert.Contains("ftp://***@h/", client.Seen, StringComparison.Ordinal);
    }

    private Task<HttpStatusCode> SendAsync(ApiClient client, ApiOperation operation, string path, HttpContent? content = null, params (string Name, string Value)[] headers) =>
        client.SendAsync(operation, _planted["operate token"], path, content, headers);
}
