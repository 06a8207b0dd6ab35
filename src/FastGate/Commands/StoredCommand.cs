namespace FastGate.Commands;

/// <summary>A command as it is stored, without its payload. Times are milliseconds since 1970.</summary>
internal sealed record StoredCommand
{
    public required long Id { get; init; }

    public required string DeviceId { get; init; }

    /// <summary>Null for a raw message.</summary>
    public string? Tool { get; init; }

    public CommandState State { get; init; }

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }

    public long TimeoutMs { get; init; }

    public long? SentAt { get; init; }

    public long? EndedAt { get; init; }

    /// <summary>What the device answered.</summary>
    public string? Result { get; init; }

    /// <summary>Why the command did not succeed.</summary>
    public string? Reason { get; init; }
}
