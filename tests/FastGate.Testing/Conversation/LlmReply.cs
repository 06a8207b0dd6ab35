namespace FastGate.Testing.Conversation;

/// <summary>How a fake LLM server answers one request.</summary>
internal sealed record LlmReply
{
    private LlmReply()
    {
    }

    public int Status { get; private init; } = 200;
    public string? RetryAfter { get; private init; }
    public string? ErrorBody { get; private init; }
    public IReadOnlyList<string> Tokens { get; private init; } = [];

    /// <summary>Tools that are called after the tokens.</summary>
    public IReadOnlyList<LlmToolCall> ToolCalls { get; private init; } = [];

    /// <summary>What the server waits for before its first token.</summary>
    public Task Before { get; private init; } = Task.CompletedTask;

    /// <summary>What the server waits for before it aborts the connection.</summary>
    public Task BeforeEnd { get; private init; } = Task.CompletedTask;

    /// <summary>Pause between two tokens.</summary>
    public TimeSpan Pace { get; private init; }
    public LlmReplyEnd End { get; private init; }

    /// <summary>Sent as the whole body.</summary>
    public byte[]? Raw { get; private init; }

    public static LlmReply Says(params string[] tokens) => new() { Tokens = tokens };

    public static LlmReply Calls(params LlmToolCall[] calls) => new() { ToolCalls = calls };

    public static LlmReply SaysAndCalls(string words, params LlmToolCall[] calls) => new() { Tokens = [words], ToolCalls = calls };

    public static LlmReply Slow(Task before, params string[] tokens) => new() { Tokens = tokens, Before = before };

    public static LlmReply Paced(TimeSpan pace, params string[] tokens) => new() { Tokens = tokens, Pace = pace };

    public static LlmReply Fails(int status, string? retryAfter = null) => new() { Status = status, RetryAfter = retryAfter };

    /// <summary>Sends an error status with this body.</summary>
    public static LlmReply Refuses(int status, string body) => new() { Status = status, ErrorBody = body };

    /// <summary>Sends an error status and a body that never ends.</summary>
    public static LlmReply Trickles(int status, string retryAfter) => new() { Status = status, RetryAfter = retryAfter, End = LlmReplyEnd.Silence };

    /// <summary>Aborts the connection after the tokens, when the task completes.</summary>
    public static LlmReply Cut(Task when, params string[] tokens) => new() { Tokens = tokens, End = LlmReplyEnd.Abort, BeforeEnd = when };

    /// <summary>Ends the body after the tokens, without an end mark.</summary>
    public static LlmReply Unfinished(params string[] tokens) => new() { Tokens = tokens, End = LlmReplyEnd.WithoutMark };

    /// <summary>Sends the tokens, then nothing, and keeps the connection open.</summary>
    public static LlmReply Stalls(params string[] tokens) => new() { Tokens = tokens, End = LlmReplyEnd.Silence };

    /// <summary>Accepts the request and sends nothing, not even a status.</summary>
    public static LlmReply Silent() => new() { End = LlmReplyEnd.NoStatus };

    /// <summary>Repeats the tokens without end.</summary>
    public static LlmReply Endless(TimeSpan pace, params string[] tokens) => new() { Tokens = tokens, Pace = pace, End = LlmReplyEnd.Never };

    public static LlmReply Garbage(byte[] raw) => new() { Raw = raw };
}
