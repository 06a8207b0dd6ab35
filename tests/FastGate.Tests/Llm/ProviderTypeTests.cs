using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Every provider type of the old server, against a server that speaks its documented stream.</summary>
public sealed class ProviderTypeTests
{
    private static readonly ChatOptions s_session = new() { ConversationId = "session-1" };

    [Fact]
    public async Task Dify_streams_and_continues_its_conversation()
    {
        await using var server = new ReplayServer(static _ =>
            "event: ping\n\n"
            + """data: {"event":"workflow_started","conversation_id":"c-1"}""" + "\n\n"
            + """data: {"event":"message","conversation_id":"c-1","answer":"你"}""" + "\n\n"
            + """data: {"event":"agent_thought","thought":"hmm"}""" + "\n\n"
            + """data: {"event":"agent_message","conversation_id":"c-1","answer":"好"}""" + "\n\n"
            + """data: {"event":"message_end","conversation_id":"c-1","metadata":{"usage":{"prompt_tokens":4,"completion_tokens":2}}}""" + "\n\n");
        using IChatClient client = Create(server, "dify", model: null);
        Assert.Equal("你好", await AskAsync(client));
        Assert.Equal("你好", await AskAsync(client));
        Assert.All(server.Requests, static request => Assert.StartsWith("POST /v1/chat-messages ", request.Line, StringComparison.Ordinal));
        Assert.Equal(["", "c-1"], server.Requests.Select(static request => request.Body.GetProperty("conversation_id").GetString()));
        Assert.Equal("你是谁", server.Requests[0].Body.GetProperty("query").GetString());
        Assert.Contains("Bearer key", server.Requests[0].Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dify_error_event_is_named()
    {
        await using var server = new ReplayServer(static _ => """data: {"event":"error","status":400,"code":"invalid_param","message":"app unavailable"}""" + "\n\n");
        using IChatClient client = Create(server, "dify", model: null);
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => AskAsync(client));
        Assert.Contains("app unavailable", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coze_streams_answers_only_and_continues_its_conversation()
    {
        await using var server = new ReplayServer(static _ =>
            "event:conversation.chat.created\n" + """data:{"id":"1","conversation_id":"7","bot_id":"b"}""" + "\n\n"
            + "event:conversation.message.delta\n" + """data:{"type":"answer","content_type":"text","content":"你"}""" + "\n\n"
            + "event:conversation.message.delta\n" + """data:{"type":"answer","content_type":"text","content":"好"}""" + "\n\n"
            + "event:conversation.message.completed\n" + """data:{"type":"answer","content":"你好"}""" + "\n\n"
            + "event:conversation.message.completed\n" + """data:{"type":"follow_up","content":"还有呢？"}""" + "\n\n"
            + "event:conversation.chat.completed\n" + """data:{"conversation_id":"7","usage":{"input_count":3,"output_count":2}}""" + "\n\n"
            + "event:done\ndata:\"[DONE]\"\n\n");
        using IChatClient client = Create(server, "coze", model: "bot-9");
        Assert.Equal("你好", await AskAsync(client));
        Assert.Equal("你好", await AskAsync(client));
        Assert.Equal(["POST /v3/chat HTTP/1.1", "POST /v3/chat?conversation_id=7 HTTP/1.1"], server.Requests.Select(static request => request.Line));
        Assert.Equal("bot-9", server.Requests[0].Body.GetProperty("bot_id").GetString());
    }

    [Theory]
    [InlineData("event:error\ndata:{\"code\":4101,\"msg\":\"token expired\"}\n\n")]
    [InlineData("event:conversation.chat.failed\ndata:{\"last_error\":{\"code\":4101,\"msg\":\"token expired\"}}\n\n")]
    [InlineData("{\"code\":4101,\"msg\":\"token expired\"}")]
    public async Task Coze_failure_is_named(string body)
    {
        await using var server = new ReplayServer(_ => body);
        using IChatClient client = Create(server, "coze", model: "bot-9");
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => AskAsync(client));
        Assert.Contains("token expired", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Home_assistant_answers_with_one_object()
    {
        await using var server = new ReplayServer(
            static _ => """{"response":{"speech":{"plain":{"speech":"灯已打开","extra_data":null}},"response_type":"action_done"},"conversation_id":"h-1"}""", "application/json");
        using IChatClient client = Create(server, "homeassistant", model: "conversation.home");
        Assert.Equal("灯已打开", await AskAsync(client));
        Assert.Equal("灯已打开", await AskAsync(client));
        Assert.Equal("POST /api/conversation/process HTTP/1.1", server.Requests[0].Line);
        Assert.Equal("conversation.home", server.Requests[0].Body.GetProperty("agent_id").GetString());
        Assert.False(server.Requests[0].Body.TryGetProperty("conversation_id", out _));
        Assert.Equal("h-1", server.Requests[1].Body.GetProperty("conversation_id").GetString());
    }

    /// <summary>The chunk formats of five kinds of server, in the order and with the fields that each sends.</summary>
    [Theory]
    [InlineData("llama.cpp", """
        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1746,"id":"chatcmpl-1","model":"m","system_fingerprint":"b5000","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"你"}}],"created":1746,"id":"chatcmpl-1","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"好"}}],"created":1746,"id":"chatcmpl-1","object":"chat.completion.chunk"}

        data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1746,"timings":{"prompt_n":1,"predicted_per_second":25.1}}

        data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11}}

        data: [DONE]

        """)]
    [InlineData("vLLM", """
        data: {"id":"chat-1","object":"chat.completion.chunk","created":1720,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":9,"total_tokens":9,"completion_tokens":0}}

        data: {"id":"chat-1","choices":[{"index":0,"delta":{"reasoning_content":"thinking"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chat-1","choices":[{"index":0,"delta":{"content":"你好"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chat-1","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"stop","stop_reason":151645}]}

        data: [DONE]

        """)]
    [InlineData("Ollama", """
        data: {"id":"chatcmpl-466","object":"chat.completion.chunk","created":1732,"model":"qwen","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"你"},"finish_reason":null}]}

        data: {"id":"chatcmpl-466","object":"chat.completion.chunk","created":1732,"model":"qwen","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"好"},"finish_reason":null}]}

        data: {"id":"chatcmpl-466","object":"chat.completion.chunk","created":1732,"model":"qwen","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}

        data: [DONE]

        """)]
    [InlineData("SGLang", """
        data: {"id":"a1","object":"chat.completion.chunk","created":1738,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":"","matched_stop":null}],"usage":null}

        data: {"id":"a1","choices":[{"index":0,"delta":{"role":null,"content":"你好","reasoning_content":null,"tool_calls":null},"logprobs":null,"finish_reason":"","matched_stop":null}],"usage":null}

        data: {"id":"a1","choices":[{"index":0,"delta":{"content":null},"logprobs":null,"finish_reason":"stop","matched_stop":151645}],"usage":null}

        data: [DONE]

        """)]
    [InlineData("relay", """
        : keep-alive

        data: {"id":"","object":"","created":0,"model":"","prompt_filter_results":[{"prompt_index":0}],"choices":[]}

        data: {"id":"x","choices":[{"index":0,"content_filter_results":{},"delta":{"role":"assistant"}}]}

        data: {"id":"x","choices":[{"index":0,"delta":{"content":"你"},"finish_reason":null}]}

        data:

        data: {"id":"x","choices":[{"index":0,"delta":{"content":"好"},"finish_reason":"stop"}]}

        data: {"id":"x","choices":null,"usage":{"prompt_tokens":9,"completion_tokens":2}}
        data: [DONE]
        """)]
    public async Task Stream_of_an_openai_compatible_server_is_read(string name, string stream)
    {
        await using var server = new ReplayServer(_ => stream);
        using IChatClient client = Create(server, "openai", model: name);
        Assert.Equal("你好", await AskAsync(client));
        Assert.Equal(name, server.Requests[0].Body.GetProperty("model").GetString());
        Assert.True(server.Requests[0].Body.GetProperty("stream").GetBoolean());
    }

    [Theory]
    [InlineData("ollama", "openai")]
    [InlineData("xinference", "openai")]
    [InlineData("Gemini", "openai")]
    [InlineData("fastgpt", "openai")]
    [InlineData("dify", "dify")]
    [InlineData("coze", "coze")]
    [InlineData("homeassistant", "homeassistant")]
    public void Type_of_the_old_server_is_known(string type, string normalized)
    {
        Assert.Equal(normalized, LlmProviderTypes.Normalize(type, null));
        Assert.True(LlmProviderTypes.IsKnown(normalized));
    }

    [Fact]
    public void Unsupported_type_is_named_with_what_to_write_instead() =>
        Assert.Contains("compatible-mode", LlmProviderTypes.Advice("AliBL"), StringComparison.Ordinal);

    private static IChatClient Create(ReplayServer server, string type, string? model) => new ChatClientFactory().Create(new LlmProviderSettings
    {
        Type = type,
        BaseUrl = server.Address + (type == "dify" ? "/v1" : ""),
        Model = model,
        ApiKey = "key",
    });

    private static async Task<string> AskAsync(IChatClient client) => ReplyEventsTests.Words(
        await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.System, "s"), new ChatMessage(ChatRole.User, "你是谁")], s_session).ToListAsync());
}
