using System.Globalization;
using FastGate.Fleet;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Reads the parameters that several routes have. A wrong value ends the request with 400.</summary>
internal static class AdminQuery
{
    public const int MaxLimit = 1_000;

    private const int DefaultLimit = 100;

    /// <summary>The parameters of a list, for <see cref="AdminOperation.Query"/>.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> Paging =
    [
        ("limit", "Size of the page, 1 to 1000; default 100"),
        ("after", "The value of next on the page before"),
    ];

    public static int Limit(HttpContext context)
    {
        string? text = context.Request.Query["limit"];
        if (string.IsNullOrEmpty(text))
        {
            return DefaultLimit;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is > 0 and <= MaxLimit
            ? limit
            : throw Wrong($"limit is a whole number from 1 to {MaxLimit}");
    }

    /// <summary>The cursor of a list whose entries have numbers; null on the first page.</summary>
    public static long? AfterNumber(HttpContext context, string what)
    {
        string? text = context.Request.Query["after"];
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long after) ? after : throw Wrong($"after is {what}");
    }

    /// <summary>The id of the path in the form that the registry uses. Routing does not decode a slash, and an id may contain one.</summary>
    public static string DeviceId(HttpContext context)
    {
        string id = ((string?)context.Request.RouteValues["id"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return DeviceIdentity.Normalize(id) ?? id;
    }

    /// <summary>An address or a network; null when it is neither. The zone of a link-local address is ignored, because a network has none.</summary>
    public static AddressRange? Addresses(string text)
    {
        int zone = text.IndexOf('%', StringComparison.Ordinal);
        return AddressRange.TryParse(zone < 0 ? text : text[..zone], out AddressRange addresses) ? addresses : null;
    }

    public static AdminProblemException Wrong(string detail) => new(StatusCodes.Status400BadRequest, detail);
}
