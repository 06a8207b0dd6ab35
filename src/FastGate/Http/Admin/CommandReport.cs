using System.Globalization;
using FastGate.Commands;

namespace FastGate.Http.Admin;

/// <summary>
/// A command, without its arguments. <paramref name="State"/> is queued, sent, acknowledged, failed, expired or cancelled. <paramref name="Durable"/> is
/// false when it is lost with the process, because there is no database.
/// </summary>
internal sealed record CommandReport(
    string Id,
    string DeviceId,
    string? Tool,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? EndedAt,
    string? Result,
    string? Reason,
    bool Durable)
{
    public static CommandReport Of(StoredCommand command, bool durable) => new(
        command.Id.ToString(CultureInfo.InvariantCulture),
        command.DeviceId,
        command.Tool,
        command.State.ToString().ToLowerInvariant(),
        At(command.CreatedAt),
        At(command.ExpiresAt),
        command.SentAt is { } sent ? At(sent) : null,
        command.EndedAt is { } ended ? At(ended) : null,
        command.Result,
        command.Reason,
        durable);

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
