using System.Globalization;
using System.Text.Json;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>Finds the errors that providers report inside a reply with status 200, before or after words.</summary>
internal static class ReplyErrors
{
    private const int LongestMessage = 300;

    /// <summary>Levels at which a message is looked for. Deeper ones could exhaust the stack.</summary>
    private const int MaxDepth = 6;

    private static readonly string[] s_messages = ["message", "msg", "detail", "error", "errmsg", "error_msg", "error_message", "status_msg", "reason", "title"];
    private static readonly string[] s_codes = ["code", "status", "status_code", "errcode", "error_code", "http_code"];
    private static readonly string[] s_throttled = ["rate_limit", "ratelimit", "overloaded", "throttl", "too_many", "toomany", "resource_exhausted", "RESOURCE_EXHAUSTED"];
    private static readonly string[] s_rejected = ["invalid_request", "badrequest", "bad_request", "context_length", "context_window", "INVALID_ARGUMENT"];

    /// <summary>
    /// Throws for an error that the event reports. An event that <paramref name="isReply"/> is one only by its field <c>error</c>; any other one
    /// also by the shapes that servers and relays give an error without that field.
    /// </summary>
    public static void ThrowIfError(string eventType, JsonElement data, bool isReply = false)
    {
        JsonElement error = data;
        string? message = null;
        if (ReplyJson.Member(data, "error") is { } named)
        {
            message = Message(named.ValueKind == JsonValueKind.True ? data : named);
            error = named.ValueKind is JsonValueKind.Object ? named : data;
        }

        message ??= eventType == "error" ? Message(data) ?? "no message" : isReply ? null : MessageOfWhole(data, ref error);
        if (message is not null)
        {
            throw Create(message, Kind(error), Status(error));
        }
    }

    /// <summary>The message of an error, whichever shape a server gives it; null where the value reports none.</summary>
    public static string? Message(JsonElement? error, int depth = MaxDepth)
    {
        if (depth == 0)
        {
            return null;
        }

        switch (error)
        {
            case { ValueKind: JsonValueKind.String }:
                return ReplyJson.Text(error) is { Length: > 0 } text ? text : null;
            case { ValueKind: JsonValueKind.True }:
                return "no message";
            case { ValueKind: JsonValueKind.Number } number:
                return ReplyJson.Raw(number) is "0" ? null : $"code {ReplyJson.Raw(number)}";
            case { ValueKind: JsonValueKind.Array } list:
                return list.EnumerateArray().Select(item => Message(item, depth - 1)).FirstOrDefault(static message => message is not null);
            case { ValueKind: JsonValueKind.Object } value:
                string? message = s_messages.Select(name => Message(ReplyJson.Member(value, name), depth - 1)).FirstOrDefault(static message => message is not null)
                    ?? (value.EnumerateObject().Any() ? ReplyJson.Raw(value) : null);

                // A relay gives the provider's own words beside its summary.
                return ReplyJson.Text(ReplyJson.Member(value, "metadata"), "raw") is { Length: > 0 } raw ? $"{message} ({raw})" : message;
            default:
                return null;
        }
    }

    /// <summary>A failure with the provider's own message, cut and without secrets.</summary>
    public static LlmException Create(string message, string? kind = null, int status = 0)
    {
        bool throttled = status == 429 || (kind is not null && s_throttled.Any(word => kind.Contains(word, StringComparison.OrdinalIgnoreCase)));
        bool rejected = status == 0 && kind is not null && s_rejected.Any(word => kind.Contains(word, StringComparison.OrdinalIgnoreCase));
        return new LlmException(
            throttled ? LlmFailure.Throttled : LlmFailure.Refused, $"the provider reported an error: {LogText.Shorten(message, LongestMessage)}")
        {
            Status = rejected ? 400 : status is >= 400 and < 600 ? status : 0,
        };
    }

    /// <summary>The message of an object that is an error itself, such as <c>{"object":"error","message":...}</c>.</summary>
    private static string? MessageOfWhole(JsonElement data, ref JsonElement error)
    {
        if (ReplyJson.Object(data, "base_resp") is { } inner && IsFailure(inner))
        {
            error = inner;
            return Message(inner);
        }

        if (ReplyJson.Text(data, "object") == "error" || ReplyJson.Text(data, "type") == "error" || ReplyJson.Text(data, "status") == "error"
            || ReplyJson.Member(data, "success") is { ValueKind: JsonValueKind.False })
        {
            return Message(ReplyJson.Member(data, "errors")) ?? Message(data) ?? "no message";
        }

        return Message(ReplyJson.Member(data, "errors")) ?? Message(ReplyJson.Member(data, "detail"))
            ?? (IsFailure(data) && s_messages.Any(name => ReplyJson.Text(data, name) is { Length: > 0 }) ? Message(data) : null);
    }

    /// <summary>A code other than zero, 200 and their names.</summary>
    private static bool IsFailure(JsonElement value) => s_codes.Any(name => ReplyJson.Member(value, name) switch
    {
        { ValueKind: JsonValueKind.Number } number => ReplyJson.Raw(number) is not ("0" or "200"),
        { ValueKind: JsonValueKind.String } text => ReplyJson.Text(text)!.ToUpperInvariant() is not ("" or "0" or "200" or "OK" or "SUCCESS"),
        _ => false,
    });

    private static string? Kind(JsonElement error) =>
        string.Join(' ', ((string[])["type", "code", "status"]).Select(name => ReplyJson.Text(error, name)).Where(static text => text is not null)) is { Length: > 0 } kind
            ? kind
            : null;

    private static int Status(JsonElement error)
    {
        foreach (string name in s_codes)
        {
            long? status = ReplyJson.Count(error, name)
                ?? (long.TryParse(ReplyJson.Text(error, name), NumberStyles.None, CultureInfo.InvariantCulture, out long written) ? written : null);
            if (status is >= 400 and < 600)
            {
                return (int)status.Value;
            }
        }

        return 0;
    }
}
