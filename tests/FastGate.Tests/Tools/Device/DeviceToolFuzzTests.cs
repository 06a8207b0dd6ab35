using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Tools.Device;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Tools.Device;

/// <summary>Random JSON in every message about tools: nothing escapes the session, and what is kept stays bounded.</summary>
public sealed class DeviceToolFuzzTests
{
    private static readonly string[] s_names =
    [
        "id", "result", "error", "method", "message", "tools", "nextCursor", "name", "description", "inputSchema", "parameters", "properties", "type",
        "required", "enum", "items", "minimum", "maximum", "default", "content", "text", "isError", "state", "methods", "x", "", "\\ud800", "\\u0069d",
    ];

    private static readonly string[] s_words =
    [
        "1", "2", "ping", "tools/list", "notifications/tools/list_changed", "object", "array", "integer", "string", "text", "image", "volume", "开",
        "", "\\ud800", "\\udc00x", "a.b", "0.5", "99999999999999999999",
    ];

    private static readonly string[] s_scalars = ["0", "1", "2", "3", "100", "-1", "0.5", "1e400", "-1e-400", "true", "false", "null", "99999999999999999999"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_messages_do_no_harm(int seed)
    {
        var random = new Random(seed);
        var log = new RecordingLogger<DeviceSession>();
        using var harness = new ConnectionHarness(sessionLog: log);
        var outbound = new CountingOutbound();
        using var session = new DeviceSession(harness.Services.Sessions, outbound, AudioFraming.Raw, SessionLanguage.Auto);
        Assert.True(session.OnText("""{"type":"hello","features":{"mcp":true}}"""u8));

        for (int i = 0; i < 10_000; i++)
        {
            string message = Message(random);
            Assert.True(session.OnText(Encoding.UTF8.GetBytes(message)), message);
            if (i % 500 == 0)
            {
                await UseAsync(session.Tools!);
            }
        }

        await UseAsync(session.Tools!);
        session.End();
        Assert.Equal(0, log.Count(2203));
        Assert.InRange(log.Count(2201), 0, 1);
        Assert.Equal(0, outbound.Closed);
    }

    private static string Message(Random random) => random.Next(6) switch
    {
        0 => $$"""{"type":"iot","descriptors":[{{Value(random, 4)}},{{Value(random, 4)}}]}""",
        1 => $$"""{"type":"iot","states":[{{Value(random, 3)}}]}""",
        2 => $$"""{"type":"hello","features":{{Value(random, 2)}}}""",
        3 => $$$"""{"type":"mcp","payload":{"id":{{{random.Next(1, 110)}}},"result":{"tools":[{{{Value(random, 4)}}}],"nextCursor":"{{{Pick(random, s_words)}}}"} }}""",
        4 => $$$"""{"type":"mcp","payload":{"{{{Pick(random, s_names)}}}":{{{Value(random, 4)}}},"id":{{{random.Next(1, 110)}}} }}""",
        _ => $$"""{"type":"mcp","payload":{{Object(random, 4)}}}""",
    };

    private static string Value(Random random, int depth) => random.Next(depth > 0 ? 4 : 2) switch
    {
        0 => Pick(random, s_scalars),
        1 => $"\"{Pick(random, s_words)}\"",
        2 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)))}]",
        _ => Object(random, depth),
    };

    private static string Object(Random random, int depth) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => $"\"{Pick(random, s_names)}\":{Value(random, depth - 1)}")) + "}";

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    /// <summary>Whatever is offered can be read, and calling it ends by itself when the turn does.</summary>
    private static async Task UseAsync(IToolSource source)
    {
        IReadOnlyList<AIFunction> tools = source.Tools;
        Assert.InRange(tools.Count, 0, 2 * McpToolList.MaxTools);
        Assert.Equal(tools.Count, tools.DistinctBy(static tool => tool.Name).Count());
        foreach (AIFunction tool in tools)
        {
            Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", tool.Name);
            Assert.Equal("object", tool.JsonSchema.GetProperty("type").GetString());
            Assert.InRange(tool.JsonSchema.GetRawText().Length, 1, ToolSchema.MaxBytes);
            Assert.InRange(tool.Description.Length, 0, 3 * McpToolList.MaxDescription);
            using var turn = new CancellationTokenSource();
            Task<object?> call = tool.InvokeAsync(new AIFunctionArguments { ["volume"] = 1 }, turn.Token).AsTask();
            await turn.CancelAsync();
            await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.True(call.IsCompletedSuccessfully || call.IsCanceled || call.Exception?.InnerException is DeviceToolException);
        }
    }

    private sealed class CountingOutbound : IDeviceOutbound
    {
        public int Closed { get; private set; }

        public string DeviceId => "lamp";

        public EndPoint? RemoteEndPoint => null;

        public void WriteText(ReadOnlySpan<byte> utf8) => JsonElement.Parse(utf8);

        public void WritePong()
        {
        }

        public void Post(OutboundMessage message) => JsonElement.Parse(message.Payload);

        public bool PostAudio(OutboundMessage message) => true;

        public void BusyFor(long milliseconds)
        {
        }

        public bool TryDefer() => false;

        public void RequestClose(ConnectionEndReason reason) => Closed++;
    }
}
