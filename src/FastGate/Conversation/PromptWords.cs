namespace FastGate.Conversation;

/// <summary>The words of the system prompt around the operator's text, in one language.</summary>
internal sealed record PromptWords(string Now, string Device, string Remembered, IReadOnlyList<string> Weekdays)
{
    public static PromptWords Chinese { get; } =
        new("当前时间：", "设备：", "你记得的关于用户的事：", ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"]);

    public static PromptWords English { get; } = new(
        "Current time: ", "Device: ", "What you remember about the user:", ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]);
}
