using System.Text.Json;
using FastGate.Tools.Device;

namespace FastGate.Tests.Tools.Device;

/// <summary>From the hello of a device with MCP to its tools.</summary>
public sealed class McpSetupTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_device_is_initialized_and_then_lists_its_tools()
    {
        _bench.Device.OnOffered();

        JsonElement initialize = await _bench.NextCallAsync("initialize");
        Assert.Equal(1, initialize.GetProperty("id").GetInt32());
        JsonElement parameters = initialize.GetProperty("params");
        Assert.Equal("2024-11-05", parameters.GetProperty("protocolVersion").GetString());
        Assert.Equal("FastGate", parameters.GetProperty("clientInfo").GetProperty("name").GetString());
        Assert.Empty(parameters.GetProperty("capabilities").EnumerateObject());

        _bench.Result(1, "{}");
        Assert.False((await _bench.NextCallAsync("notifications/initialized")).TryGetProperty("id", out _));
        JsonElement list = await _bench.NextCallAsync("tools/list");
        Assert.False(list.TryGetProperty("params", out _));
        Assert.Empty(_bench.Tools);

        _bench.Result(2, $$"""{"tools":[{{ToolBench.Volume}}],"nextCursor":""}""");
        await _bench.Log.Logged(2200);
        Assert.Equal("self_audio_speaker_set_volume", Assert.Single(_bench.Tools).Name);
        Assert.Equal("Set the volume", _bench.Tools[0].Description);
        Assert.Equal(
            """{"type":"object","properties":{"volume":{"type":"integer","minimum":0,"maximum":100}},"required":["volume"]}""",
            _bench.Tools[0].JsonSchema.GetRawText());
    }

    [Fact]
    public async Task A_device_learns_where_pictures_go()
    {
        _bench.Services.Vision = new FixedVision();

        _bench.Device.OnOffered();

        JsonElement capabilities = (await _bench.NextCallAsync("initialize")).GetProperty("params").GetProperty("capabilities");
        Assert.Equal("""{"vision":{"url":"http://gate/mcp/vision/explain","token":"for lamp"}}""", capabilities.GetRawText());
    }

    [Fact]
    public async Task Pages_are_read_by_their_cursors()
    {
        await _bench.OfferAsync();

        _bench.Result(2, """{"tools":[{"name":"a"},{"name":"b"}],"nextCursor":"c"}""");
        JsonElement second = await _bench.NextCallAsync("tools/list");
        Assert.Equal(3, second.GetProperty("id").GetInt32());
        Assert.Equal("c", second.GetProperty("params").GetProperty("cursor").GetString());
        _bench.Result(3, """{"tools":[{"name":"c"}]}""");

        await _bench.Log.Logged(2200);
        Assert.Equal(["a", "b", "c"], _bench.Tools.Select(static tool => tool.Name));
    }

    [Fact]
    public async Task A_page_that_never_comes_leaves_the_pages_before_it()
    {
        await _bench.OfferAsync();
        _bench.Result(2, """{"tools":[{"name":"a"}],"nextCursor":"b"}""");
        await _bench.NextCallAsync("tools/list");

        await _bench.Time.TurnToNextAsync(TimeSpan.FromSeconds(30));

        await _bench.Log.Logged(2202);
        Assert.Equal("a", Assert.Single(_bench.Tools).Name);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"message":"Method not implemented: initialize"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"no"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"1","result":{}}""")]
    public async Task A_device_that_does_not_know_initialize_still_lists_its_tools(string answer)
    {
        _bench.Device.OnOffered();
        await _bench.NextCallAsync("initialize");

        _bench.Answer(answer);

        await _bench.NextCallAsync("notifications/initialized");
        await _bench.NextCallAsync("tools/list");
    }

    /// <summary>The old test page answers tools/list only.</summary>
    [Fact]
    public async Task A_device_that_never_answers_initialize_still_lists_its_tools()
    {
        _bench.Device.OnOffered();
        await _bench.NextCallAsync("initialize");

        await _bench.Time.TurnToNextAsync(TimeSpan.FromSeconds(5));

        await _bench.NextCallAsync("notifications/initialized");
        await _bench.NextCallAsync("tools/list");
        _bench.Result(1, "{}");
        Assert.Equal(1, _bench.Metrics.Late.Value);
        _bench.Result(2, """{"tools":[{"name":"a"}]}""");
        await _bench.Log.Logged(2200);
        Assert.Single(_bench.Tools);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":2,"error":{"message":"no tools"}}""", 2202, "no tools")]
    [InlineData("""{"jsonrpc":"2.0","id":2}""", 2202, "without a result")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"result":[]}""", 2202, "without a result")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"result":{}}""", 2201, "a page has no tools")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"result":{"tools":"none"}}""", 2201, "a page has no tools")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"result":{"tools":[],"nextCursor":"\ud800"}}""", 2201, "a page cannot be read")]
    public async Task A_list_that_is_no_list_gives_no_tools(string answer, int logged, string reason)
    {
        await _bench.OfferAsync();

        _bench.Answer(answer);

        await _bench.Log.Logged(logged);
        Assert.Contains(reason, Assert.Single(_bench.Log.WithId(logged)), StringComparison.Ordinal);
        Assert.Empty(_bench.Tools);
    }

    [Theory]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"description":"x"}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("""["name"]""")]
    [InlineData("""{"name":"\ud83d"}""")]
    [InlineData("""{"name":"good"}""")]
    public async Task A_tool_that_cannot_be_offered_is_left_out(string tool)
    {
        await _bench.ListAsync("""{"name":"good"}""", tool);

        Assert.Equal("good", Assert.Single(_bench.Tools).Name);
        Assert.Contains("1 were left out", Assert.Single(_bench.Log.WithId(2200)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_above_its_bound_is_not_read()
    {
        await _bench.OfferAsync();

        _bench.Result(2, $$"""{"tools":[{"name":"a","description":"{{new string('x', McpClient.MaxAnswer)}}"}]}""");

        await _bench.Log.Logged(2202);
        Assert.Empty(_bench.Tools);
        Assert.Equal(1, _bench.Metrics.TooMuch.Value);
    }

    [Fact]
    public async Task Tools_above_the_bound_are_left_out_with_one_line()
    {
        await _bench.ListAsync([.. Enumerable.Range(0, McpToolList.MaxTools + 5).Select(static i => $$"""{"name":"tool{{i}}"}""")]);

        await _bench.Log.Logged(2201);
        Assert.Equal(McpToolList.MaxTools, _bench.Tools.Count);
        Assert.Contains("too many tools", Assert.Single(_bench.Log.WithId(2201)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("same", "a cursor is repeated", 2)]
    [InlineData(null, "it has too many pages", McpToolList.MaxPages)]
    public async Task Pages_without_an_end_are_not_read(string? cursor, string reason, int pages)
    {
        await _bench.OfferAsync();
        for (int page = 0; page < pages; page++)
        {
            _bench.Result(2 + page, $$"""{"tools":[{"name":"t{{page}}"}],"nextCursor":"{{cursor ?? $"p{page}"}}"}""");
            if (page < pages - 1)
            {
                await _bench.NextCallAsync("tools/list");
            }
        }

        await _bench.Log.Logged(2201);
        Assert.Contains(reason, Assert.Single(_bench.Log.WithId(2201)), StringComparison.Ordinal);
        Assert.Equal(pages, _bench.Tools.Count);
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_changed_list_is_read_again()
    {
        await _bench.ListAsync("""{"name":"a"}""");

        _bench.Answer("""{"jsonrpc":"2.0","method":"notifications\/tools\/list_changed"}""");
        Assert.Equal(3, (await _bench.NextCallAsync("tools/list")).GetProperty("id").GetInt32());
        _bench.Answer("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        _bench.Answer("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        Assert.Equal("a", Assert.Single(_bench.Tools).Name);
        _bench.Result(3, """{"tools":[{"name":"b"}]}""");

        // The changes during the reading ask for one more.
        Assert.Equal(4, (await _bench.NextCallAsync("tools/list")).GetProperty("id").GetInt32());
        Assert.Equal("b", Assert.Single(_bench.Tools).Name);
        _bench.Answer("""{"jsonrpc":"2.0","id":4,"error":{"message":"busy"}}""");
        await _bench.Log.Logged(2202);
        Assert.Equal("b", Assert.Single(_bench.Tools).Name);
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_second_hello_does_not_list_again()
    {
        await _bench.ListAsync("""{"name":"a"}""");

        _bench.Device.OnOffered();
        _bench.Answer("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");

        Assert.Equal(3, (await _bench.NextCallAsync("tools/list")).GetProperty("id").GetInt32());
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_device_that_leaves_during_the_setup_ends_it()
    {
        _bench.Device.OnOffered();
        await _bench.NextCallAsync("initialize");

        _bench.Device.Close();

        await _bench.Log.Logged(2202);
        Assert.Equal(0, _bench.Unread);
    }

    private sealed class FixedVision : IVisionAccess
    {
        public VisionGrant? GrantFor(string deviceId) => new("http://gate/mcp/vision/explain", "for " + deviceId);
    }
}
