using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>The tools of this server for one turn: the time, the memory of the device, the end of the conversation.</summary>
internal sealed class ServerTools(TimeProvider time, Func<CancellationToken, Task<bool>> forget, Action end) : IToolSource
{
    public const string GetTime = "get_time";
    public const string Forget = "forget_conversation";
    public const string End = "end_conversation";

    private static readonly JsonElement s_timeSchema = JsonElement.Parse(
        """{"type":"object","properties":{"time_zone":{"type":"string","description":"IANA time zone such as Asia/Tokyo; leave it out for the local time"}}}""");

    private static readonly JsonElement s_noArguments = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public IReadOnlyList<AIFunction> Tools { get; } =
    [
        new ServerTool(
            GetTime, "Current date, time and weekday, here or in another time zone.", s_timeSchema,
            (arguments, _) => ValueTask.FromResult<object?>(Now(time, arguments))),
        new ServerTool(
            Forget, "Erases everything remembered about the user and this device. Only when the user asks for it.", s_noArguments,
            async (_, cancellationToken) => await forget(cancellationToken) ? "erased" : throw new InvalidOperationException("the memory could not be erased")),
        new ServerTool(
            End, "Ends the conversation after your reply has been spoken. Only when the user says goodbye or asks you to stop; say goodbye in your reply.", s_noArguments,
            (_, _) =>
            {
                end();
                return ValueTask.FromResult<object?>("the conversation ends after your reply");
            }),
    ];

    private static string Now(TimeProvider time, AIFunctionArguments arguments)
    {
        TimeZoneInfo? zone = time.LocalTimeZone;
        if (arguments.TryGetValue("time_zone", out object? value) && value is JsonElement { ValueKind: JsonValueKind.String } name
            && name.GetString() is { Length: > 0 } id && !TimeZoneInfo.TryFindSystemTimeZoneById(id, out zone))
        {
            throw new ArgumentException("there is no such time zone");
        }

        DateTimeOffset now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone!);
        return string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss} {now.DayOfWeek}, UTC{now:zzz}");
    }
}
