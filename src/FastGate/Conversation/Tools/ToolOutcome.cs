namespace FastGate.Conversation.Tools;

/// <summary>How a tool call ended; a metric tag.</summary>
internal enum ToolOutcome
{
    Completed,

    /// <summary>The tool reported an error.</summary>
    Failed,

    TimedOut,

    /// <summary>The turn was interrupted.</summary>
    Cancelled,

    /// <summary>The arguments do not fit the schema; the tool was not called.</summary>
    Invalid,

    /// <summary>There is no such tool, too many calls at once, or no time left.</summary>
    Refused,
}
