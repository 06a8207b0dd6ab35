namespace FastGate.Llm.Calls;

/// <summary>The kind of the characters since a possible start of a tag.</summary>
internal enum ThinkTag
{
    /// <summary>Ordinary text.</summary>
    None,

    /// <summary>The beginning of a tag.</summary>
    Partial,

    /// <summary>Reasoning begins.</summary>
    Start,

    /// <summary>Reasoning ends.</summary>
    End,

    /// <summary>The body of a channel begins, whose name is before the tag.</summary>
    Body,

    /// <summary>A tag without effect that must not be spoken.</summary>
    Ignored,
}
