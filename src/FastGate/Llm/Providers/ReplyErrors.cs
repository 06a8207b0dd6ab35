using System.Text.Json;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>Finds the errors that providers report inside a reply with status 200, before or after words.</summary>
internal static class ReplyErrors
{
    private const int LongestMessage = 300;

    public static void ThrowIfError(string eventType, JsonElement data)
    {
        JsonElement? error = ReplyJson.Member(data, "error");
        string? message = ReplyJson.ErrorMessage(error);
        if (message is null && (eventType == "error" || ReplyJson.Text(data, "object") == "error" || ReplyJson.Text(data, "type") == "error"))
        {
            // The object itself is the error: {"object":"error","message":...,"code":...}.
            error = data;
            message = ReplyJson.ErrorMessage(data) ?? "no message";
        }

        if (message is not null)
        {
            throw Create(message, ReplyJson.Text(error, "type") ?? ReplyJson.Text(error, "code"), (int?)(ReplyJson.Count(error, "code") ?? ReplyJson.Count(error, "status")) ?? 0);
        }
    }

    /// <summary>A failure with the provider's own message, cut and without secrets.</summary>
    public static LlmException Create(string message, string? kind = null, int status = 0) => new(
        status == 429 || kind is not null && (kind.Contains("rate_limit", StringComparison.OrdinalIgnoreCase) || kind.Contains("overloaded", StringComparison.OrdinalIgnoreCase))
            ? LlmFailure.Throttled
            : LlmFailure.Refused,
        $"the provider reported an error: {LogText.Shorten(message, LongestMessage)}")
    {
        Status = status is >= 400 and < 600 ? status : 0,
    };
}
