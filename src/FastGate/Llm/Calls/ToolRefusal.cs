using FastGate.Llm.Failures;

namespace FastGate.Llm.Calls;

/// <summary>Recognizes servers that refuse a request because it has tools.</summary>
internal static class ToolRefusal
{
    /// <summary>Time until a server that knows no tools gets them again: it may have been restarted with another setting.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private static readonly string[] s_subjects = ["tool", "function"];

    private static readonly string[] s_refusals =
        ["support", "require", "enable", "disable", "unknown", "unrecogni", "unexpected", "unavailable", "not permitted", "not allowed", "extra "];

    /// <summary>The request may succeed without tools.</summary>
    public static bool IsPossible(LlmException failure) =>
        failure.Failure == LlmFailure.Refused && (failure.Status is 400 or 404 or 422 || (failure.Status is 500 or 501 && IsCertain(failure)));

    /// <summary>
    /// The server says that it knows no tools. An error in one tool is none: its schema comes from a device, which must not take the tools from others.
    /// </summary>
    public static bool IsCertain(LlmException failure) =>
        Names(failure, s_subjects) && Names(failure, s_refusals) && !Names(failure, ["schema", "tools[", "tools.", "tools\", 0", "tools\",0"]);

    private static bool Names(LlmException failure, string[] words) =>
        Array.Exists(words, word => failure.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
