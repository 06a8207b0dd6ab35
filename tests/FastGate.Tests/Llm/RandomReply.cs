using System.IO.Compression;
using System.Text;

namespace FastGate.Tests.Llm;

/// <summary>A valid streamed reply with random words, tool calls, usage, noise and framing, and what must be read of it.</summary>
internal sealed class RandomReply
{
    private static readonly string[] s_words = ["你", "好。", "hello", " ", "😀", "a\"b\\c", "\n", "[DONE]", "1/2", "message_stop", "𠮷", "data: x"];

    private readonly RandomJson _json;
    private readonly List<(string? Type, string Data)> _events = [];
    private readonly StringBuilder _words = new();
    private readonly List<string> _calls = [];

    private RandomReply(int seed) => _json = new RandomJson(new Random(seed));

    public string Words => _words.ToString();

    public IReadOnlyList<string> Calls => _calls;

    public (long? In, long? Out) Usage { get; private set; }

    public string Finish { get; private set; } = "stop";

    public byte[] Body { get; private set; } = [];

    public bool IsCompressed { get; private set; }

    public override string ToString() => Encoding.UTF8.GetString(Body);

    public static RandomReply OpenAi(int seed)
    {
        var reply = new RandomReply(seed);
        reply.WriteOpenAi();
        reply.Frame();
        return reply;
    }

    public static RandomReply Anthropic(int seed)
    {
        var reply = new RandomReply(seed);
        reply.WriteAnthropic();
        reply.Frame();
        return reply;
    }

    private void WriteOpenAi()
    {
        foreach (string piece in Pieces())
        {
            AddChunk((_json.OneIn(8) ? "text" : "content", _json.Text(piece)), finish: null);
            if (_json.OneIn(3))
            {
                AddChunk(("content", _json.Any("null", "\"\"", "7", "{}", null!)), finish: null);
            }
        }

        for (int call = _json.Next(3), index = 0; index < call; index++)
        {
            string arguments = $$"""{"x":{{index}}}""";
            int cut = _json.Next(arguments.Length);
            string name = $"f{index}";
            AddCall(index, $"c{index}", name, arguments[..cut]);
            AddCall(index, null, null, arguments[cut..]);
            _calls.Add($"c{index} {name} {index}");
        }

        Finish = _json.Any("stop", "length", "tool_calls", "eos", "normal", "content_filter");
        AddChunk(("content", _json.Any("null", "\"\"", null!)), Finish);
        if (_json.OneIn(2))
        {
            Usage = (_json.Next(100), _json.OneIn(3) ? null : _json.Next(100));
            _events.Add((null, _json.Object(
                [("usage", _json.Object([("prompt_tokens", $"{Usage.In}"), ("completion_tokens", Usage.Out is null ? _json.Any("null", "\"many\"", "-1", "1e999") : $"{Usage.Out}")], ("total_tokens", "7"), ("prompt_tokens_details", "{}")))],
                ("id", "\"x\""), ("choices", _json.Any("null", "[]")), ("created", "1"))));
        }

        if (_json.OneIn(2))
        {
            _events.Add((null, "[DONE]"));
        }
    }

    private void AddCall(int index, string? id, string? name, string arguments) => AddDelta(("tool_calls", "[" + _json.Object(
        [("index", $"{index}"), ("id", id is null ? null : _json.Text(id)), ("function", _json.Object([("name", name is null ? null : _json.Text(name)), ("arguments", _json.Text(arguments))], ("strict", "true")))],
        ("type", "\"function\"")) + "]"));

    private void AddDelta((string Name, string? Json) field) => AddChunk(field, finish: null);

    private void AddChunk((string Name, string? Json) field, string? finish)
    {
        bool legacy = field.Name == "text";
        string? delta = legacy ? null : _json.Object(
            [field],
            ("role", "\"assistant\""), ("reasoning", "\"hm\""), ("reasoning_content", "\"hm\""), ("reasoning_details", "[]"), ("refusal", null), ("audio", null), ("annotations", "[]"));
        string choice = _json.Object(
            [
                ("delta", delta), ("text", legacy ? field.Json : null), ("index", _json.Any("0", "0", "null", "\"0\"", "[]", null!)),
                ("finish_reason", finish is null ? _json.Any("null", "\"\"", "\"null\"", "false", "7", null!) : _json.Text(finish)),
            ],
            ("logprobs", "null"), ("content_filter_results", "{}"), ("stop_reason", "null"), ("matched_stop", "151645"));
        _events.Add((null, _json.Object(
            [("choices", $"[{choice}]"), ("error", _json.Any("null", "\"\"", "{}", "[]", "false", null!, null!))],
            ("id", "\"chatcmpl-1\""), ("object", "\"chat.completion.chunk\""), ("created", "1700000000"), ("model", "\"m\""), ("system_fingerprint", "\"fp\""),
            ("service_tier", "\"default\""), ("provider", "\"x\""), ("citations", "[]"), ("timings", "{}"), ("code", "0"), ("message", "\"\""), ("detail", null))));
    }

    private void WriteAnthropic()
    {
        (Usage, Finish) = ((_json.Next(100), _json.Next(100)), _json.Any("end_turn", "max_tokens", "stop_sequence", "from_the_future"));
        AddEvent("message_start", ("message", _json.Object(
            [("usage", _json.Object([("input_tokens", $"{Usage.In}"), ("output_tokens", null)], ("cache_read_input_tokens", "0"), ("service_tier", "\"standard\"")))],
            ("id", "\"msg\""), ("type", "\"message\""), ("role", "\"assistant\""), ("model", "\"m\""), ("content", "[]"), ("stop_reason", null))));
        if (_json.OneIn(2))
        {
            AddEvent("content_block_start", ("content_block", _json.Object([("type", "\"thinking\"")], ("thinking", "\"\""), ("text", "\"no\""))));
            AddEvent("content_block_delta", ("delta", _json.Object([("type", "\"thinking_delta\"")], ("thinking", "\"hm\""), ("text", "\"no\""))));
            AddEvent("content_block_delta", ("delta", _json.Object([("type", "\"signature_delta\"")], ("signature", "\"x\""))));
            AddEvent("content_block_stop");
        }

        AddEvent("content_block_start", ("content_block", _json.Object([("type", "\"text\""), ("text", "\"\"")], ("citations", "null"))));
        foreach (string piece in Pieces())
        {
            AddEvent("content_block_delta", ("delta", _json.Object([("type", "\"text_delta\""), ("text", _json.Text(piece))], ("citations", "[]"))));
            if (_json.OneIn(3))
            {
                AddEvent(_json.Any("ping", "from_the_future", "content_block_stop"), ("delta", _json.Object([("text", "\"no\"")])));
            }
        }

        for (int call = _json.Next(3), index = 1; index <= call; index++)
        {
            (string, string?) at = ("index", $"{index}");
            AddEvent("content_block_start", at, ("content_block", _json.Object([("type", "\"tool_use\""), ("id", $"\"c{index}\""), ("name", $"\"f{index}\"")], ("input", "{}"))));
            foreach (string piece in (string[])["{\"x\":", $"{index}}}"])
            {
                AddEvent("content_block_delta", at, ("delta", _json.Object([("type", "\"input_json_delta\""), ("partial_json", _json.Text(piece))])));
            }

            _calls.Add($"c{index} f{index} {index}");
        }

        AddEvent("message_delta", ("delta", _json.Object([("stop_reason", _json.Text(Finish))], ("stop_sequence", null))), ("usage", $$"""{"output_tokens":{{Usage.Out}}}"""));
        AddEvent("message_stop");
    }

    private void AddEvent(string type, params (string Name, string? Json)[] needed) => _events.Add((
        _json.OneIn(4) ? null : type,
        _json.Object([("type", $"\"{type}\""), .. needed, ("error", _json.Any("null", null!, null!))], ("amazon-bedrock-invocationMetrics", "{}"), ("context_management", "null"))));

    /// <summary>The words, cut into deltas anywhere, also between the halves of a surrogate pair.</summary>
    private List<string> Pieces()
    {
        List<string> pieces = [];
        for (int i = _json.Next(12); i >= 0; i--)
        {
            _words.Append(_json.Any(s_words));
        }

        for (string rest = Words; rest.Length > 0;)
        {
            int length = 1 + _json.Next(Math.Min(rest.Length, 6));
            pieces.Add(rest[..length]);
            rest = rest[length..];
        }

        return pieces;
    }

    private void Frame()
    {
        string lineEnd = _json.Any("\n", "\r\n", "\r");
        string field = _json.Any("data: ", "data: ", "data:");
        var body = new StringBuilder(_json.OneIn(4) ? "\uFEFF" : "");
        foreach ((string? type, string data) in _events)
        {
            for (int i = _json.Next(3); i > 0; i--)
            {
                body.Append(_json.Any(": comment", ":", "id: 7", "retry: 10", "data:" + lineEnd, "data: null" + lineEnd, "", "", "event: ping" + lineEnd + "data: {}" + lineEnd)).Append(lineEnd);
            }

            body.Append(type is null ? "" : $"event: {type}{lineEnd}").Append(field).Append(data.Replace("\n", lineEnd + field, StringComparison.Ordinal)).Append(lineEnd).Append(lineEnd);
        }

        string text = body.ToString();
        Body = Encoding.UTF8.GetBytes(_json.OneIn(3) ? text.TrimEnd('\r', '\n') : _json.OneIn(3) ? text[..^lineEnd.Length] : text);
        IsCompressed = _json.OneIn(5);
    }

    /// <summary>The body in pieces of random length.</summary>
    public Stream Open(int seed)
    {
        if (!IsCompressed)
        {
            return new RandomPieceStream(Body, seed);
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Body);
        }

        return new GZipStream(new RandomPieceStream(packed.ToArray(), seed), CompressionMode.Decompress);
    }
}
