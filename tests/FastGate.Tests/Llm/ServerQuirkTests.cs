using System.Text;
using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Bodies with status 200 as named servers and relays send them: every word is read, and an error is named.</summary>
public sealed class ServerQuirkTests
{
    private const string Stop = """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n";
    private const string Hel = """data: {"choices":[{"index":0,"delta":{"content":"hel"}}]}""" + "\n\n";
    private const string Lo = """data: {"choices":[{"index":0,"delta":{"content":"lo"}}]}""" + "\n\n";
    private const string Done = "data: [DONE]\n\n";

    public static TheoryData<string, string> Replies => new()
    {
        { "OpenRouter: processing comments", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + Hel + ": OPENROUTER PROCESSING\n\n" + Lo + Stop + Done },
        { "OpenRouter: reasoning with details", """data: {"choices":[{"delta":{"content":"","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}}]}""" + "\n\n" + Hel + Lo + Stop },
        { "OpenRouter: native finish reason", Hel + Lo + """data: {"choices":[{"delta":{"content":""},"finish_reason":"stop","native_finish_reason":"end_turn"}]}""" + "\n\n" + Done },
        { "reasoning as an object", """data: {"choices":[{"delta":{"reasoning":{"content":"hm"},"reasoning_content":[{"text":"hm"}]}}]}""" + "\n\n" + Hel + Lo + Stop },
        { "Azure: filter results first", """data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]}""" + "\n\n" + Hel + Lo + Stop + Done },
        { "Azure: asynchronous filter chunk", Hel + """data: {"choices":[{"index":0,"finish_reason":null,"content_filter_results":{},"content_filter_offsets":{"check_offset":1}}]}""" + "\n\n" + Lo + Stop },
        { "Groq: usage in x_groq", """data: {"choices":[{"delta":{"role":"assistant"}}],"x_groq":{"id":"r"}}""" + "\n\n" + Hel + Lo + """data: {"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":1}}}""" + "\n\n" },
        { "Mistral: parts with thinking", """data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}""" + "\n\n" + """data: {"choices":[{"delta":{"content":[{"type":"text","text":"hel"},{"type":"reference","reference_ids":[1]}]}}]}""" + "\n\n" + Lo + Stop },
        { "content as a single part", """data: {"choices":[{"delta":{"content":{"type":"text","text":"hello"}}}]}""" + "\n\n" + Stop },
        { "content as a list of texts", """data: {"choices":[{"delta":{"content":["hel","lo"]}}]}""" + "\n\n" + Stop },
        { "Perplexity: the whole message beside each delta", """data: {"citations":["http://a"],"choices":[{"message":{"content":"hel"},"delta":{"content":"hel"},"finish_reason":null}]}""" + "\n\n" + """data: {"choices":[{"message":{"content":"hello"},"delta":{"content":"lo"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "relay: the whole message after the deltas", Hel + Lo + """data: {"choices":[{"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "message in place of every delta", """data: {"choices":[{"message":{"content":"hel"}}]}""" + "\n\n" + """data: {"choices":[{"message":{"content":"lo"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "delta is null beside a message", """data: {"choices":[{"delta":null,"message":{"content":"hello"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "delta of another type", """data: {"choices":[{"delta":[]}]}""" + "\n\n" + """data: {"choices":[{"delta":17}]}""" + "\n\n" + Hel + Lo + Stop },
        { "choices as an object", """data: {"choices":{"delta":{"content":"hello"},"finish_reason":"stop"}}""" + "\n\n" },
        { "choices with an empty item", """data: {"choices":[null,{"delta":{"content":"hello"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "two alternatives, interleaved", Hel + """data: {"choices":[{"index":1,"delta":{"content":"other"}}]}""" + "\n\n" + Lo + Stop },
        { "two alternatives in one chunk, the second first", """data: {"choices":[{"index":1,"delta":{"content":"hello"}},{"index":0,"delta":{"content":"other"}}]}""" + "\n\n" + """data: {"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" },
        { "legacy completions", """data: {"choices":[{"text":"hel","index":0,"finish_reason":null}]}""" + "\n\n" + """data: {"choices":[{"text":"lo","index":0,"finish_reason":"stop"}]}""" + "\n\n" },
        { "SGLang: finish reason as an object", Hel + Lo + """data: {"choices":[{"delta":{},"finish_reason":{"type":"stop","matched":151645}}]}""" + "\n\n" },
        { "Zhipu: sensitive", Hel + Lo + """data: {"choices":[{"index":0,"finish_reason":"sensitive","delta":{"content":""}}]}""" + "\n\n" + Done },
        { "DashScope: finish reason null as text", """data: {"choices":[{"finish_reason":"null","delta":{"content":"hel"}}],"usage":null}""" + "\n\n" + Lo + Stop },
        { "Moonshot: usage in the choice", Hel + Lo + """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":9,"completion_tokens":2}}]}""" + "\n\n" + Done },
        { "MiniMax: base_resp of a success", Hel + Lo + """data: {"choices":[{"delta":{},"finish_reason":"stop"}],"base_resp":{"status_code":0,"status_msg":""}}""" + "\n\n" },
        { "llama-cpp-python: NaN", """data: {"choices":[{"logprobs":{"top":[NaN,-Infinity,Infinity]},"delta":{"content":"hel"}}]}""" + "\n\n" + Lo + Stop },
        { "raw control character in a text", "data: {\"choices\":[{\"delta\":{\"content\":\"hel\"},\"x\":\"a\tb\u0001\"}]}\n\n" + Lo + Stop },
        { "KoboldCpp: event names", "event: message\n" + Hel + "event: message\n" + Lo + Stop },
        { "no space after the colon", Hel.Replace("data: ", "data:", StringComparison.Ordinal) + Lo.Replace("data: ", "data:", StringComparison.Ordinal) + "data:[DONE]\n\n" },
        { "no blank lines at all", (Hel + Lo + Stop + Done).Replace("\n\n", "\n", StringComparison.Ordinal) },
        { "three blank lines", (Hel + Lo + Stop + Done).Replace("\n\n", "\n\n\n\n", StringComparison.Ordinal) },
        { "framed twice", (Hel + Lo + Stop + Done).Replace("data: ", "data: data: ", StringComparison.Ordinal) },
        { "indented fields", ("  " + Hel + "  " + Lo + Stop) },
        { "field names in capitals", (Hel + Lo + Stop).Replace("data:", "Data:", StringComparison.Ordinal) },
        { "DONE in small letters", Hel + Lo + "data: [done]\n\n" },
        { "DONE with a point", Hel + Lo + "data: [DONE].\n\n" },
        { "DONE as JSON text", Hel + Lo + "data: \"[DONE]\"\n\n" },
        { "DONE only, no finish reason", Hel + Lo + Done },
        { "words after DONE", Hel + Lo + Done + Hel },
        { "bare objects between events", Hel + """{"choices":[{"delta":{"content":"lo"}}]}""" + "\n" + Stop },
        { "bare lines of objects", (Hel + Lo + Stop).Replace("data: ", "", StringComparison.Ordinal) },
        { "an array of chunks", "[" + (Hel + Lo + Stop).Replace("data: ", "", StringComparison.Ordinal).Replace("}\n\n", "},\n", StringComparison.Ordinal) + "]" },
        { "objects without any separator", (Hel + Lo + Stop).Replace("data: ", "", StringComparison.Ordinal).Replace("\n\n", "", StringComparison.Ordinal) },
        { "Ollama: native chat", """{"model":"m","message":{"role":"assistant","content":"hel"},"done":false}""" + "\n" + """{"message":{"content":"lo"},"done":false}""" + "\n" + """{"message":{"content":""},"done_reason":"stop","done":true,"prompt_eval_count":9,"eval_count":2}""" + "\n" },
        { "Ollama: native generate", """{"model":"m","response":"hel","done":false}""" + "\n" + """{"response":"lo","done":false}""" + "\n" + """{"response":"","done":true,"context":[1]}""" + "\n" },
        { "one object, pretty-printed with CRLF", "{\r\n  \"choices\": [\r\n    {\r\n      \"message\": { \"content\": \"hello\" },\r\n      \"finish_reason\": \"stop\"\r\n    }\r\n  ]\r\n}\r\n" },
        { "null error beside words", """data: {"error":null,"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}],"code":500,"message":"ok","success":false}""" + "\n\n" },
        { "empty errors of other types", """data: {"error":"","choices":[{"delta":{"content":"hel"}}]}""" + "\n\n" + """data: {"error":{},"choices":[{"error":[],"delta":{"content":"lo"}}]}""" + "\n\n" + """data: {"error":false,"choices":[{"error":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" },
        { "codes of a success", """data: {"code":0,"message":"ok"}""" + "\n\n" + """data: {"code":200,"msg":"success"}""" + "\n\n" + """data: {"status":"ok","message":"queued"}""" + "\n\n" + Hel + Lo + Stop },
        { "half a surrogate pair in a name", """data: {"\ud800":1,"choices":[{"\udc00x":2,"delta":{"content":"hello","\ud83dcontent":"no"},"finish_reason":"stop"}]}""" + "\n\n" },
        { "deep nesting", "data: {\"x\":" + new string('[', 200) + new string(']', 200) + ",\"choices\":[{\"delta\":{\"content\":\"hello\"},\"finish_reason\":\"stop\"}]}\n\n" },
    };

    public static TheoryData<string, string, string> Errors => new()
    {
        { "error as a number", """data: {"error":500}""" + "\n\n", "code 500" },
        { "error as a list", """data: {"error":[{"message":"no model"}]}""" + "\n\n", "no model" },
        { "error is true", """{"error":true,"message":"no model"}""", "no model" },
        { "errors of Cloudflare", """{"result":null,"success":false,"errors":[{"code":10000,"message":"no model"}],"messages":[]}""", "no model" },
        { "FastAPI detail", """{"detail":"no model"}""", "no model" },
        { "FastAPI validation", """{"detail":[{"type":"missing","loc":["body","model"],"msg":"no model","input":{}}]}""", "no model" },
        { "FastAPI detail object", """{"detail":{"error":{"message":"no model"}}}""", "no model" },
        { "DashScope", """{"code":"InvalidApiKey","message":"no model","request_id":"1"}""", "no model" },
        { "DashScope event", "id:1\nevent:error\n:HTTP_STATUS/400\ndata:{\"code\":\"InvalidParameter\",\"message\":\"no model\"}\n\n", "no model" },
        { "Baidu", """{"error_code":110,"error_msg":"no model"}""", "no model" },
        { "errcode", """{"errcode":40001,"errmsg":"no model"}""", "no model" },
        { "MiniMax", """data: {"id":"1","choices":null,"base_resp":{"status_code":1004,"status_msg":"no model"}}""" + "\n\n", "no model" },
        { "success false", """{"success":false,"message":"no model"}""", "no model" },
        { "code and msg", """{"code":500,"msg":"no model","data":null}""", "no model" },
        { "vLLM", """data: {"object":"error","message":"no model","type":"NotFoundError","param":null,"code":404}""" + "\n\n", "no model" },
        { "Gemini: a list around the error", "[{\n  \"error\": {\n    \"code\": 400,\n    \"message\": \"no model\",\n    \"status\": \"INVALID_ARGUMENT\"\n  }\n}\n]", "no model" },
        { "OpenRouter: after words", Hel + """data: {"id":"g","error":{"code":"server_error","message":"no model"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""" + "\n\n", "no model" },
        { "OpenRouter: the provider's own words", """data: {"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"no model","provider_name":"x"}}}""" + "\n\n", "no model" },
        { "error inside the choice", Hel + """data: {"choices":[{"index":0,"error":{"message":"no model","code":502},"delta":{"content":""}}]}""" + "\n\n", "no model" },
        { "finish reason error", Hel + """data: {"choices":[{"delta":{},"finish_reason":"error"}]}""" + "\n\n" + Done, "finish_reason error" },
        { "DeepSeek: interrupted", Hel + """data: {"choices":[{"delta":{},"finish_reason":"insufficient_system_resource"}]}""" + "\n\n" + Done, "insufficient_system_resource" },
        { "Zhipu: network error", Hel + """data: {"choices":[{"delta":{},"finish_reason":"network_error"}]}""" + "\n\n" + Done, "network_error" },
        { "llama.cpp: field named error", Hel + """error: {"code":500,"message":"no model","type":"server_error"}""" + "\n\n", "no model" },
        { "event named error, plain text", "event: error\ndata: no model\n\n", "no model" },
        { "event named error, an object without words", "event: error\ndata: {}\n\n", "no message" },
        { "plain text error", "Error: no model", "no model" },
        { "plain text", "no model", "no model" },
        { "bare error after events", Hel + "\n" + """{"error":{"message":"no model"}}""", "no model" },
        { "bare error right after an event", Hel.TrimEnd() + "\n" + """{"error":{"message":"no model"}}""" + "\n", "no model" },
        { "captive portal", "<!DOCTYPE html>\n<html><title>Sign in</title></html>", "page" },
        { "error with a secret", """{"error":{"message":"no model for key sk-1234567890abcdef"}}""", "no model for key ***" },
        { "Ollama native", """{"error":"no model"}""", "no model" },
        { "invalid event", Hel + "data: {\"choices\":[{\"delta\":{\"content\":\"lo\n\n" + Stop, "no JSON" },
        { "nothing but comments", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n", "empty" },
        { "words without an end", Hel + Lo, "before its end mark" },
    };

    public static TheoryData<string, string, int> Kinds => new()
    {
        { """{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", "Throttled", 0 },
        { """{"error":{"message":"slow down","code":"429"}}""", "Throttled", 429 },
        { """{"error":{"message":"slow down","status":"RESOURCE_EXHAUSTED"}}""", "Throttled", 0 },
        { """{"code":"Throttling.RateQuota","message":"slow down"}""", "Throttled", 0 },
        { """{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}""", "Refused", 400 },
        { """{"object":"error","message":"too long","type":"BadRequestError","code":400}""", "Refused", 400 },
        { """{"error":{"message":"who are you","code":401}}""", "Refused", 401 },
        { """{"error":{"message":"broken","code":"server_error"}}""", "Refused", 0 },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Words_are_read(string name, string body)
    {
        Assert.Equal((name, "hello"), (name, await ReplyEventsTests.WordsAsync(body)));
        Assert.Equal("hello", ReplyEventsTests.Words(await ReplyEventsTests.ReadAsync(new OpenAiReplyReader(), new PieceStream(Encoding.UTF8.GetBytes(body), 1, everyPiece: true))));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Failure_is_named(string name, string body, string says)
    {
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.WordsAsync(body));
        Assert.True(failure.Message.Contains(says, StringComparison.Ordinal), $"{name}: {failure.Message}");
    }

    [Theory]
    [InlineData(50, LlmFailure.Refused)]
    [InlineData(50_000, LlmFailure.Garbage)]
    public async Task Error_of_any_depth_is_a_failure(int depth, object kind)
    {
        string body = string.Concat(Enumerable.Repeat("{\"error\":[", depth)) + "1" + string.Concat(Enumerable.Repeat("]}", depth));
        Assert.Equal(kind, (await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.WordsAsync(body))).Failure);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Failure_is_sorted(string body, string kind, int status)
    {
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.WordsAsync(body));
        Assert.Equal((kind, status), (failure.Failure.ToString(), failure.Status));
    }

    [Theory]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":9.0,"completion_tokens":2e0}}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":9,"completion_tokens":2}}]}""")]
    [InlineData("""{"choices":[],"x_groq":{"usage":{"prompt_tokens":9,"completion_tokens":2}}}""")]
    [InlineData("""{"message":{"content":""},"done":true,"prompt_eval_count":9,"eval_count":2}""")]
    public async Task Usage_is_read(string chunk)
    {
        List<ChatResponseUpdate> updates = await ReplyEventsTests.ReadAsync(new OpenAiReplyReader(), Hel + Lo + Stop + "data: " + chunk + "\n\n");
        UsageDetails usage = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>()).Details;
        Assert.Equal((9, 2), (usage.InputTokenCount, usage.OutputTokenCount));
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]""", """[{"index":0,"function":{"arguments":"1}"}}]""")]
    [InlineData("""[{"id":"a","type":"function","extra_content":{"google":{}},"function":{"name":"f","arguments":"{\"x\":1}"}}]""", "[]")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]""", "null")]
    [InlineData("""{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}""", """{"index":0,"function":{"arguments":null}}""")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]""", """[{"index":0,"id":"","function":{"name":"","arguments":"1}"}}]""")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]""", """[{"index":0,"id":"a","function":{"name":"f","arguments":"1}"}}]""")]
    public async Task Tool_call_is_read(string first, string second)
    {
        List<ChatResponseUpdate> updates = await ReplyEventsTests.ReadAsync(
            new OpenAiReplyReader(), string.Concat(((string[])[first, second]).Select(static calls => $$$"""data: {"choices":[{"delta":{"tool_calls":{{{calls}}}}}]}""" + "\n\n")) + Stop);
        FunctionCallContent call = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<FunctionCallContent>());
        Assert.Equal(("a", "f", "1"), (call.CallId, call.Name, call.Arguments!["x"]!.ToString()));
    }

    [Fact]
    public async Task Old_function_call_is_read()
    {
        List<ChatResponseUpdate> updates = await ReplyEventsTests.ReadAsync(
            new OpenAiReplyReader(),
            """data: {"choices":[{"delta":{"function_call":{"name":"f","arguments":""}}}]}""" + "\n\n" + """data: {"choices":[{"delta":{"function_call":{"arguments":"{\"x\":1}"}}}]}""" + "\n\n"
            + """data: {"choices":[{"delta":{},"finish_reason":"function_call"}]}""" + "\n\n");
        FunctionCallContent call = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<FunctionCallContent>());
        Assert.Equal(("f", "1"), (call.Name, call.Arguments!["x"]!.ToString()));
    }

    [Theory]
    [InlineData("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", "Overloaded")]
    [InlineData("data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Internal\"},\"request_id\":\"r\"}\n\n", "Internal")]
    [InlineData("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: x\"}}", "model: x")]
    [InlineData("{\"error\":{\"message\":\"relay\"}}", "relay")]
    [InlineData("{\"detail\":\"no route\"}", "no route")]
    [InlineData("event: error\ndata: upstream gone\n\n", "upstream gone")]
    public async Task Anthropic_failure_is_named(string body, string says)
    {
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.ReadAsync(new AnthropicReplyReader(), body));
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }
}
