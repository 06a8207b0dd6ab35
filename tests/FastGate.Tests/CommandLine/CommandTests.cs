using System.Text.Json.Nodes;

namespace FastGate.Tests.CommandLine;

/// <summary>The commands against a server with prepared answers.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Device = "aa:bb:cc:dd:ee:ff";
    private const string EscapedDevice = "aa%3Abb%3Acc%3Add%3Aee%3Aff";

    private readonly FakeAdminServer _server = new();

    public void Dispose() => _server.Dispose();

    /// <summary>Each act: its command line, the request that must reach the server, and the body.</summary>
    public static TheoryData<string[], string, string> Acts => new()
    {
        { ["devices", "kick", Device, "--reason", "moved"], $"POST /api/v1/devices/{EscapedDevice}/kick", """{"reason":"moved"}""" },
        { ["devices", "kick", "--firmware", "1.2", "--min-age", "60", "--rate", "5", "--yes"], "POST /api/v1/kick", """{"filter":{"firmware":"1.2","minAge":60},"rate":5}""" },
        { ["devices", "kick", "--all", "--yes"], "POST /api/v1/kick", """{"filter":{}}""" },
        { ["devices", "send", Device, "--speak", "hello \"you\""], $"POST /api/v1/devices/{EscapedDevice}/message", """{"kind":"speak","text":"hello \"you\""}""" },
        { ["devices", "send", "--tag", "lobby", "--system", "reboot", "--rate", "9", "--yes"], "POST /api/v1/message", """{"kind":"system","text":"reboot","filter":{"tag":"lobby"},"rate":9}""" },
        { ["tags", "set", Device, "a", "b"], $"PUT /api/v1/devices/{EscapedDevice}/tags", """{"tags":["a","b"]}""" },
        { ["tags", "set", Device], $"PUT /api/v1/devices/{EscapedDevice}/tags", """{"tags":[]}""" },
        { ["ban", "add", Device, "--minutes", "5", "--reason", "stolen"], "POST /api/v1/bans", """{"device":"aa:bb:cc:dd:ee:ff","minutes":5,"reason":"stolen"}""" },
        { ["ban", "add", "198.51.100.0/24"], "POST /api/v1/bans", """{"address":"198.51.100.0/24"}""" },
        { ["ban", "add", "2001:db8::1"], "POST /api/v1/bans", """{"address":"2001:db8::1"}""" },
        { ["activate", "confirm", "042137"], "POST /api/v1/activations", """{"code":"042137"}""" },
        { ["ban", "remove", "17"], "DELETE /api/v1/bans/17", "" },
        { ["drain", "start", "--rate", "100", "--prefix", "aa:", "--yes"], "POST /api/v1/drain", """{"filter":{"prefix":"aa:"},"rate":100}""" },
        { ["drain", "start", "--reconnect", "--yes"], "POST /api/v1/drain", """{"filter":{},"close":1012}""" },
        { ["drain", "cancel"], "DELETE /api/v1/drain", "" },
        { ["drain", "start", "--node", "gw1:8000", "--rate", "50", "--reboot", "false", "--yes"], "POST /api/v1/nodes/gw1%3A8000/drain", """{"rate":50,"reboot":false}""" },
        { ["drain", "cancel", "--node", "gw1:8000"], "DELETE /api/v1/nodes/gw1%3A8000/drain", "" },
        { ["command", "send", Device, "self.volume", "--arguments", """{"volume":40}""", "--timeout", "5", "--ttl", "60"], $"POST /api/v1/devices/{EscapedDevice}/commands", """{"tool":"self.volume","arguments":{"volume":40},"timeout":5,"ttl":60}""" },
        { ["command", "send", Device, "--raw", """{"type":"system"}"""], $"POST /api/v1/devices/{EscapedDevice}/commands", """{"raw":{"type":"system"}}""" },
        { ["command", "cancel", "9"], "DELETE /api/v1/commands/9", "" },
        { ["memory", "erase", Device, "--yes"], $"DELETE /api/v1/devices/{EscapedDevice}/memory", "" },
        { ["log-level", "debug", "--category", "FastGate", "--minutes", "3"], "PUT /api/v1/log-level", """{"level":"Debug","category":"FastGate","minutes":3}""" },
        { ["log-level", "--reset"], "PUT /api/v1/log-level", "{}" },
        { ["reload"], "POST /api/v1/reload", "" },
        { ["reload", "--all-nodes"], "POST /api/v1/reload?nodes=all", "" },
    };

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Act_reaches_its_route_with_its_body_and_request_id(string[] words, string request, string body)
    {
        _server.On(request, """{"id":"1","matched":3,"state":"queued","erasedTurns":2}""");
        CommandOutcome outcome = await RunAsync([.. words, "--request-id", "retry-1"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        FakeAdminRequest received = Assert.Single(_server.Requests);
        Assert.Equal(request, $"{received.Method} {received.Target}");
        Assert.Equal("retry-1", received.RequestId);
        Assert.True(JsonNode.DeepEquals(received.Body.Length == 0 ? null : JsonNode.Parse(received.Body), body.Length == 0 ? null : JsonNode.Parse(body)), received.Body);
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(400, 1)]
    [InlineData(409, 1)]
    [InlineData(503, 1)]
    [InlineData(401, 4)]
    [InlineData(403, 4)]
    [InlineData(429, 1)]
    [InlineData(404, 5)]
    public async Task Status_of_the_answer_decides_the_exit_code(int status, int exitCode)
    {
        _server.On("POST /api/v1/reload", """{"title":"Title","detail":"the reason\u001b[2J","error":"older"}""", status, status == 200 ? "application/json" : "application/problem+json");
        CommandOutcome outcome = await RunAsync("reload");

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Equal(exitCode == 0 ? "" : "the reason\\u001b[2J\n", outcome.Error);
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_exit_code_3()
    {
        _server.Dispose();
        CommandOutcome outcome = await RunAsync("status");
        Assert.Equal(3, outcome.ExitCode);
        Assert.StartsWith("No answer from ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("devices show", "Required argument 'device' missing")]
    [InlineData("devices kick", "Name a device, give a filter, or add --all.")]
    [InlineData("devices kick x --all", "Give a device or a filter, not both.")]
    [InlineData("devices send x", "Give one of --speak and --system.")]
    [InlineData("devices send x --speak a --system b", "Give one of --speak and --system.")]
    [InlineData("devices trace", "Give a device or --address.")]
    [InlineData("devices lst", "Unknown command \"lst\". The commands are list, show, kick, send, trace.")]
    [InlineData("devices list --jsn", "Unknown option \"--jsn\". Did you mean --json?")]
    [InlineData("status now", "Unexpected argument \"now\".")]
    [InlineData("command send x --arguments 5 y", "\"5\" is no JSON object.")]
    [InlineData("command send x", "Give a tool or --raw.")]
    [InlineData("log-level loud", "Argument 'loud' not recognized. Must be one of:")]
    [InlineData("devices list --limit x", "\"x\" is no whole number, which --limit needs.")]
    [InlineData("devices list --limit 0", "--limit is a number from 1.")]
    [InlineData("memory erase x", "Erase the memory of x? Add --yes to confirm: the input is not a terminal.")]
    [InlineData("drain start --node a --tag b --yes", "--node is without a filter")]
    [InlineData("drain start --reboot true --yes", "--reboot needs --node.")]
    [InlineData("drain start --node a", "Drain all devices of the node a? Add --yes")]
    [InlineData("drain start", "Drain all devices? Add --yes to confirm: the input is not a terminal.")]
    [InlineData("status --FastGate:Admn:Listen=1:1", "Unknown option \"--FastGate:Admn:Listen\". Did you mean --FastGate:Admin:Listen?")]
    [InlineData("status --server ftp://x", "\"ftp://x\" is no address of a server. Write http://host:port.")]
    public async Task Usage_error_is_exit_code_2_and_sends_nothing(string line, string error)
    {
        string[] words = line.Split(' ');
        CommandOutcome outcome = words.Contains("--server") ? await CommandOutcome.RunAsync(words) : await RunAsync(words);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Device_list_follows_the_cursor_and_stops_at_the_limit()
    {
        _server.On("GET /api/v1/devices", static request =>
        {
            System.Collections.Specialized.NameValueCollection query = System.Web.HttpUtility.ParseQueryString(request.Target[request.Target.IndexOf('?')..]);
            int first = query["after"] is { } after ? int.Parse(after[1..], null) + 1 : 0;
            int count = int.Parse(query["limit"]!, null);
            IEnumerable<string> items = Enumerable.Range(first, count).Select(static number => $$"""{"deviceId":"d{{number:0000}}","idleSeconds":{{number}}}""");
            return new FakeAdminAnswer(200, $$"""{"total":9999,"devices":[{{string.Join(',', items)}}],"next":"d{{first + count - 1:0000}}"}""");
        });
        CommandOutcome outcome = await RunAsync("devices", "list", "--json", "--limit", "1203", "--board", "a b");

        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal(1203, lines.Length);
        Assert.Equal("""{"deviceId":"d1202","idleSeconds":1202}""", lines[^1]);
        Assert.Equal(
            ["/api/v1/devices?board=a%20b&limit=500", "/api/v1/devices?board=a%20b&limit=500&after=d0499", "/api/v1/devices?board=a%20b&limit=203&after=d0999"],
            _server.Requests.Select(static request => request.Target));
    }

    [Fact]
    public async Task Table_aligns_wide_characters_and_shows_control_characters()
    {
        _server.On("GET /api/v1/devices", """{"total":2,"devices":[{"deviceId":"灯\u001b[31m","phase":"Open"},{"deviceId":"b","phase":"Closing"}],"next":null}""");
        CommandOutcome outcome = await RunAsync("devices", "list");

        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal("DEVICE        ADDRESS  PHASE    CONNECTED  IDLE  FIRMWARE  BOARD  TAGS", lines[0]);
        Assert.Equal("灯\\u001b[31m           Open", lines[1]);
        Assert.Equal("b                      Closing", lines[2]);
    }

    [Fact]
    public async Task Memory_export_writes_one_line_for_each_turn_to_a_private_file()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastgate-export-{Guid.NewGuid():N}");
        _server.On($"GET /api/v1/devices/{EscapedDevice}/memory?limit=500", """{"deviceId":"d","turns":[{"id":1,"user":"早"},{"id":2}],"next":"2"}""");
        _server.On($"GET /api/v1/devices/{EscapedDevice}/memory?limit=500&after=2", """{"deviceId":"d","turns":[{"id":3}]}""");
        try
        {
            CommandOutcome outcome = await RunAsync("memory", "export", Device, "--output", path);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Output));
            Assert.Equal(["""{"id":1,"user":"早"}""", """{"id":2}""", """{"id":3}"""], await File.ReadAllLinesAsync(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("192.0.2.7", "address=192.0.2.7")]
    [InlineData("2001:db8::1", "address=2001%3Adb8%3A%3A1")]
    [InlineData("198.51.100.0/24", "address=198.51.100.0%2F24")]
    [InlineData(Device, "device=" + EscapedDevice)]
    public async Task Explain_asks_for_a_device_or_an_address(string target, string query)
    {
        _server.On($"GET /api/v1/explain?{query}", """{"subject":"x","verdict":"token_expired","at":"2026-11-28T09:00:01Z","summary":{"en":"Too old.","zh":"过期。"},"detail":"3 s","remedy":{"en":"Set the clock.","zh":"校准时钟。"},"similar":[],"reasons":{"token_expired":2},"records":[{"at":"2026-11-28T09:00:01Z","reason":"token_expired","remoteAddress":"192.0.2.7:4711","deviceId":null,"target":"","status":401,"detail":"3 s"}]}""");
        CommandOutcome outcome = await RunAsync("explain", target);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(
            """
            x: token_expired (2026-11-28 09:00:01Z)
              cause: Too old.
              detail: 3 s
              remedy: Set the clock.
              records: token_expired 2
                2026-11-28 09:00:01Z token_expired from 192.0.2.7:4711, status 401: 3 s

            """,
            outcome.Output);
    }

    [Fact]
    public async Task Explain_of_a_device_without_records_shows_the_connections_without_an_id()
    {
        _server.On("GET /api/v1/explain?device=x", """{"subject":"x","verdict":"never_seen","reasons":{},"records":[{"reason":"wrong_path","status":0}]}""");
        Assert.Equal("x: never_seen\n  newest connections without a device id:\n     wrong_path\n", (await RunAsync("explain", "x")).Output);
    }

    [Fact]
    public async Task Explain_answers_for_several_subjects_in_turn()
    {
        _server.On("GET /api/v1/explain?device=x", """{"subject":"x","verdict":"never_seen"}""");
        _server.On("GET /api/v1/explain?address=192.0.2.0%2F24", """{"subject":"192.0.2.0/24","verdict":"connected","connectedDevices":3}""");
        Assert.Equal("x: never_seen\n192.0.2.0/24: connected\n  connected devices: 3\n", (await RunAsync("explain", "x", "192.0.2.0/24")).Output);
    }

    [Fact]
    public async Task Top_writes_one_line_for_each_overview_where_the_output_is_no_terminal()
    {
        _server.On(
            "GET /api/v1/events",
            "event: connect\ndata: {\"device\":\"x\"}\n\nevent: overview\ndata: {\"devices\":5,\"memory\":{\"residentBytes\":2097152}}\n\nevent: overview\ndata: {\"devices\":6}\n\n",
            type: "text/event-stream");
        CommandOutcome plain = await RunAsync("top", "--count", "1");
        Assert.Equal(0, plain.ExitCode);
        Assert.EndsWith("Z: devices 5, resident memory 2.0 MiB\n", plain.Output, StringComparison.Ordinal);

        CommandOutcome json = await RunAsync("top", "--json");
        Assert.Equal((3, "The server ended the events.\n"), (json.ExitCode, json.Error));
        Assert.Equal("{\"devices\":5,\"memory\":{\"residentBytes\":2097152}}\n{\"devices\":6}\n", json.Output);
    }

    /// <summary>A restart in place ends the events; the table continues with the new program. The first connection must succeed.</summary>
    [Fact]
    public async Task Top_connects_again_after_the_events_have_ended()
    {
        int streams = 0;
        _server.On("GET /api/v1/events", _ => new FakeAdminAnswer(200, $"event: overview\ndata: {{\"devices\":{++streams}}}\n\n", "text/event-stream"));
        CommandOutcome top = await RunAsync("top", "--count", "2");
        Assert.Equal((0, ""), (top.ExitCode, top.Error));
        Assert.Equal(["devices 1", "no answer, trying again", "devices 2"], top.Output.TrimEnd().Split('\n').Select(static line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        _server.Dispose();
        Assert.Equal(3, (await RunAsync("top")).ExitCode);
    }

    [Fact]
    public async Task Server_that_does_not_drain_says_so()
    {
        _server.On("GET /api/v1/drain", """{"state":"none","rate":0,"close":0,"closed":0,"refused":0,"waiting":0,"remaining":0}""");
        Assert.Equal("no drain is running\n", (await RunAsync("drain")).Output);
        Assert.Contains("\"none\"", (await RunAsync("drain", "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_that_another_operator_cancels_is_no_success()
    {
        _server.On("POST /api/v1/drain", """{"state":"draining","closed":0,"remaining":2}""", 202);
        _server.On("GET /api/v1/drain", """{"state":"none","closed":0,"remaining":0}""");
        CommandOutcome outcome = await RunAsync("drain", "start", "--wait", "--yes");
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("The drain has ended before its devices have left", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_that_waits_succeeds_only_when_it_is_acknowledged()
    {
        int reads = 0;
        _server.On($"POST /api/v1/devices/{EscapedDevice}/commands", """{"id":"7","state":"queued"}""", 202);
        _server.On("GET /api/v1/commands/7", _ => new FakeAdminAnswer(200, $$"""{"id":"7","state":"{{(++reads == 1 ? "sent" : "failed")}}","reason":"no such tool"}"""));
        CommandOutcome outcome = await RunAsync("command", "send", Device, "self.x", "--wait");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("no such tool", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task Drain_that_waits_polls_until_it_is_done()
    {
        int reads = 0;
        _server.On("POST /api/v1/drain", """{"state":"draining","closed":0,"remaining":2}""", 202);
        _server.On("GET /api/v1/drain", _ => new FakeAdminAnswer(200, ++reads == 1 ? """{"state":"draining","closed":1,"remaining":1}""" : """{"state":"drained","closed":2,"remaining":0}"""));
        CommandOutcome outcome = await RunAsync("drain", "start", "--wait", "--yes");
        Assert.Equal((0, "1 devices closed, 1 remaining\nNew connections are refused until \"FastGate drain cancel\".\n"), (outcome.ExitCode, outcome.Error));
        Assert.Contains("drained", outcome.Output, StringComparison.Ordinal);
    }

    private Task<CommandOutcome> RunAsync(params string[] words) => CommandOutcome.RunAsync([.. words, "--server", _server.Address]);
}
