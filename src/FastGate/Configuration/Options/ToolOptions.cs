using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Functions that the model may call during a turn: those of the device, of this server and of the operator's servers.</summary>
internal sealed record ToolOptions : IOptionSection
{
    /// <summary>Whether the model may call tools at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Rounds of tool calls in one turn; the model then answers without tools.</summary>
    [WholeNumber(1, 20)]
    public int Rounds { get; init; } = 5;

    /// <summary>Time that one tool call may take; all calls of a turn may take twice as long together.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
