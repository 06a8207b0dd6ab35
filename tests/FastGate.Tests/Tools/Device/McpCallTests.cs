using System.Text.Json;
using FastGate.Tools.Device;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Tools.Device;

/// <summary>Calls of a device's tools.</summary>
public sealed class McpCallTests : IAsyncLifetime, IDisposable
{
    private readonly ToolBench _bench = new();

    public Task InitializeAsync() => _bench.ListAsync(ToolBench.Volume);

    public void Dispose() => _bench.Dispose();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_call_reaches_the_device_under_its_own_name()
    {
        Task<object?> call = _bench.Call(new AIFunctionArguments { ["volume"] = JsonElement.Parse("40"), ["why"] = "晚上", ["now"] = true, ["none"] = null });

        JsonElement request = await _bench.NextCallAsync("tools/call");
        Assert.Equal(100, request.GetProperty("id").GetInt32());
        Assert.Equal(
            """{"name":"self.audio_speaker.set_volume","arguments":{"volume":40,"why":"晚上","now":true,"none":null}}""",
            request.GetProperty("params").GetRawText());

        _bench.Result(100, """{"content":[{"type":"text","text":"true"}],"isError":false}""");
        Assert.Equal("true", await call);
    }

    [Fact]
    public async Task A_call_without_arguments_sends_an_empty_object()
    {
        _ = _bench.Call();

        JsonElement request = await _bench.NextCallAsync("tools/call");
        Assert.Equal("{}", request.GetProperty("params").GetProperty("arguments").GetRawText());
    }

    [Fact]
    public async Task Answers_find_their_calls_in_any_order()
    {
        Task<object?> first = _bench.Call();
        Task<object?> second = _bench.Call();
        await _bench.NextCallAsync("tools/call");
        Assert.Equal(101, (await _bench.NextCallAsync("tools/call")).GetProperty("id").GetInt32());

        _bench.Result(101, """{"content":[{"type":"text","text":"second"}]}""");
        Assert.Equal("second", await second);
        _bench.Result(100, """{"content":[{"type":"text","text":"first"}]}""");
        Assert.Equal("first", await first);
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", "a\nb")]
    [InlineData("""{"content":[]}""", "")]
    [InlineData("""{}""", "")]
    [InlineData("""{"content":"plain"}""", "plain")]
    [InlineData("""{"content":["plain"]}""", "plain")]
    [InlineData("""{"content":[{"text":"no type"}]}""", "no type")]
    [InlineData("""{"content":[7,null,{"type":"text"},{"type":"text","text":5}]}""", "")]
    [InlineData("""{"content":[{"type":"image","mimeType":"image/jpeg","data":"AAAA"}]}""", "[The device answered with an image, which is not shown.]")]
    [InlineData("""{"content":[{"type":"text","text":"seen:"},{"type":"image","data":"AAAA"}]}""", "seen:\n[The device answered with an image, which is not shown.]")]
    [InlineData("""{"content":[{"type":"resource","resource":{"uri":"x","text":"read"}}]}""", "read")]
    [InlineData("""{"structuredContent":{"level":4}}""", """{"level":4}""")]
    public async Task The_result_becomes_text(string result, string expected)
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Result(100, result);

        Assert.Equal(expected, await call);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":{"message":"Missing valid argument: volume"}}""", "Missing valid argument: volume")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":{"code":-32601,"message":"Unknown \"tool\""}}""", "Unknown \"tool\"")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":"broken"}""", "broken")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":{}}""", "The device reported an error.")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":5}""", "The device reported an error.")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"error":{"message":"e"},"result":{"content":[]}}""", "e")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"result":{"content":[{"type":"text","text":"too loud"}],"isError":true}}""", "too loud")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"result":{"isError":true}}""", "The device reported an error.")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"result":{"content":[{"type":"text","text":"\udc00"}]}}""", "The device answered with a result that cannot be read.")]
    [InlineData("""{"jsonrpc":"2.0","id":100,"result":"done"}""", "The device answered without a result.")]
    [InlineData("""{"jsonrpc":"2.0","id":100}""", "The device answered without a result.")]
    public async Task An_error_becomes_the_failure_of_the_call(string answer, string expected)
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Answer(answer);

        DeviceToolException failure = await Assert.ThrowsAsync<DeviceToolException>(() => call);
        Assert.Equal(expected, failure.Message);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":"100","result":{"content":[{"type":"text","text":"ok"}]}}""")]
    [InlineData("""{"id":100,"result":{"content":[{"type":"text","text":"ok"}]}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"id":100,"error":null,"method":null,"result":{"content":[{"type":"text","text":"ok"}]}}""")]
    public async Task An_answer_with_quirks_is_taken(string answer)
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Answer(answer);

        Assert.Equal("ok", await call);
    }

    [Theory]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("100.5")]
    [InlineData("1e2")]
    [InlineData("99999999999999999999")]
    [InlineData("\"x100\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[100]")]
    [InlineData("{\"id\":100}")]
    public async Task An_answer_to_no_request_is_counted_and_ignored(string id)
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Answer($$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{"content":[{"type":"text","text":"wrong"}]}}""");

        Assert.Equal(1, _bench.Metrics.UnknownId.Value);
        Assert.False(call.IsCompleted);
        _bench.Result(100, """{"content":[{"type":"text","text":"right"}]}""");
        Assert.Equal("right", await call);
    }

    [Fact]
    public async Task A_device_that_does_not_answer_in_time_fails_the_call()
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        await _bench.Time.TurnToNextAsync(TimeSpan.FromSeconds(30));

        DeviceToolException failure = await Assert.ThrowsAsync<DeviceToolException>(() => call);
        Assert.Equal("The device did not answer within 30 s.", failure.Message);
        _bench.Result(100, """{"content":[]}""");
        Assert.Equal(1, _bench.Metrics.Late.Value);
    }

    [Fact]
    public async Task A_cancelled_turn_cancels_the_call()
    {
        using var turn = new CancellationTokenSource();
        Task<object?> call = _bench.Call(cancellationToken: turn.Token);
        await _bench.NextCallAsync("tools/call");

        await turn.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        _bench.Result(100, """{"content":[]}""");
        Assert.Equal(1, _bench.Metrics.Late.Value);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.Call(cancellationToken: turn.Token));
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_device_that_leaves_fails_its_calls_at_once()
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Device.Close();

        Assert.Equal(ToolCallOutcome.Closed, (await Assert.ThrowsAsync<DeviceToolException>(() => call)).Outcome);
        Assert.Equal(ToolCallOutcome.Closed, (await Assert.ThrowsAsync<DeviceToolException>(() => _bench.Call())).Outcome);
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task Calls_above_the_bound_are_refused_until_one_ends()
    {
        Task<object?>[] calls = [.. Enumerable.Range(0, PendingRequests.MaxCalls).Select(_ => _bench.Call())];
        foreach (Task<object?> _ in calls)
        {
            await _bench.NextCallAsync("tools/call");
        }

        Assert.Equal(ToolCallOutcome.Refused, (await Assert.ThrowsAsync<DeviceToolException>(() => _bench.Call())).Outcome);
        _bench.Result(103, """{"content":[]}""");
        await calls[3];
        _ = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        // The setup has its own place.
        _bench.Answer("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        await _bench.NextCallAsync("tools/list");
    }

    [Fact]
    public async Task Arguments_that_are_too_long_are_not_sent()
    {
        var arguments = new AIFunctionArguments { ["text"] = new string('x', McpClient.MaxArguments) };

        Assert.Equal(ToolCallOutcome.Refused, (await Assert.ThrowsAsync<DeviceToolException>(() => _bench.Call(arguments))).Outcome);

        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_result_above_its_bound_fails_the_call()
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Result(100, $$"""{"content":[{"type":"image","data":"{{new string('A', McpClient.MaxAnswer)}}"}]}""");

        Assert.Contains("too long", (await Assert.ThrowsAsync<DeviceToolException>(() => call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_result_is_cut()
    {
        Task<object?> call = _bench.Call();
        await _bench.NextCallAsync("tools/call");

        _bench.Result(100, $$"""{"content":[{"type":"text","text":"{{new string('x', 2 * McpResult.MaxText)}}"}]}""");

        Assert.Equal(McpResult.MaxText + 1, Assert.IsType<string>(await call).Length);
    }
}
