namespace FastGate.Tests.Fuzz.Lives;

/// <summary>How a worker answers: what the seed of a life and the words of the question choose, whenever and on whatever thread it is asked.</summary>
internal enum WorkerAnswer
{
    /// <summary>All of it at once.</summary>
    Whole,

    /// <summary>In pieces, with steps of the life before each.</summary>
    Pieces,

    /// <summary>After many steps, mostly after the connection has ended.</summary>
    Late,

    /// <summary>An error instead of an answer.</summary>
    Error,

    /// <summary>An error after the first piece.</summary>
    ErrorAfterPieces,

    /// <summary>Nothing until it is cancelled: by the device, its end, or the clock.</summary>
    Never,

    /// <summary>Nothing for many steps, and no cancellation ends it.</summary>
    Deaf,

    /// <summary>An answer without words.</summary>
    Nothing,

    /// <summary>More than a device takes that does not read.</summary>
    Long,

    /// <summary>The model calls a tool first.</summary>
    Tool,
}
