using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Checks the parts that several bodies have. A wrong one ends the request with 400.</summary>
internal static class ActInput
{
    public const int MaxText = 1_000;
    public const int MaxReason = 200;
    public const int MaxRate = 100_000;

    private const int DefaultRate = 1_000;
    private const int MaxMinutes = 5_256_000;

    public static int Rate(int? rate) => rate switch
    {
        null => DefaultRate,
        > 0 and <= MaxRate => rate.Value,
        _ => throw AdminQuery.Wrong($"rate is a number of devices per second from 1 to {MaxRate}"),
    };

    public static TimeSpan? Duration(int? minutes) => minutes switch
    {
        null => null,
        > 0 and <= MaxMinutes => TimeSpan.FromMinutes(minutes.Value),
        _ => throw AdminQuery.Wrong($"minutes is a whole number from 1 to {MaxMinutes}"),
    };

    public static string? Reason(string? reason) => reason is null || (reason.Length is > 0 and <= MaxReason && !reason.Any(char.IsControl))
        ? reason
        : throw AdminQuery.Wrong($"reason is a text of 1 to {MaxReason} characters in one line");

    public static string Text(string? text) => !string.IsNullOrWhiteSpace(text) && text.Length <= MaxText && !text.Contains('\0', StringComparison.Ordinal)
        ? text
        : throw AdminQuery.Wrong($"text is a text of 1 to {MaxText} characters");

    public static DeviceMessageKind Kind(DeviceMessageKind? kind) => kind ?? throw AdminQuery.Wrong("kind is system or speak");

    /// <summary>An act on many devices names them: an empty filter means all, and a missing one is more likely a mistake.</summary>
    public static DeviceFilter Filter(AdminAct act, DeviceFilter? filter)
    {
        act.Target = filter?.ToString();
        return filter ?? throw AdminQuery.Wrong("filter is missing; {} matches all devices");
    }

    public static AdminProblemException NotConnected() => new(StatusCodes.Status404NotFound, "no such device is connected");
}
