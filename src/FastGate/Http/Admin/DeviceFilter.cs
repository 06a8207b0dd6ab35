using System.Globalization;
using System.Text.Json.Serialization;
using FastGate.Fleet;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>
/// Selects connected devices; a device must match every part that is given, and an empty filter selects all. A misspelled part is refused, because
/// an act must never reach more devices than were meant.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DeviceFilter
{
    /// <summary>The parts as parameters of a list, for <see cref="AdminOperation.Query"/>.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> Query =
    [
        ("prefix", "The first characters of the device id"),
        ("address", "Address or network (CIDR) of the device"),
        ("firmware", "Version of the firmware"),
        ("board", "Type of the board"),
        ("tag", "A tag of the device"),
        ("minAge", "Seconds that the connection has lasted at least"),
        ("maxAge", "Seconds that the connection has lasted at most"),
    ];

    /// <summary>The first characters of the id.</summary>
    public string? Prefix { get; init; }

    /// <summary>An address, or a network such as 10.0.0.0/8.</summary>
    public string? Address { get; init; }

    public string? Firmware { get; init; }

    public string? Board { get; init; }

    public string? Tag { get; init; }

    /// <summary>Seconds that the connection has lasted at least.</summary>
    public double? MinAge { get; init; }

    /// <summary>Seconds that the connection has lasted at most.</summary>
    public double? MaxAge { get; init; }

    /// <summary>From the query of a list; a wrong value ends the request with 400.</summary>
    public static DeviceFilter From(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        return new DeviceFilter
        {
            Prefix = Text("prefix"),
            Address = Text("address"),
            Firmware = Text("firmware"),
            Board = Text("board"),
            Tag = Text("tag"),
            MinAge = Seconds("minAge"),
            MaxAge = Seconds("maxAge"),
        };

        string? Text(string name) => query[name] is [{ Length: > 0 } text] ? text : null;

        double? Seconds(string name) => Text(name) is not string text
            ? null
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? seconds : throw AdminQuery.Wrong($"{name} is a number of seconds");
    }

    /// <summary>The test of one device. An address that is none ends the request with 400.</summary>
    public Func<DeviceFacts, bool> Compile()
    {
        AddressRange? range = Address is null
            ? null
            : AddressRange.TryParse(Address, out AddressRange parsed) ? parsed : throw AdminQuery.Wrong("address is an IP address or a network such as 10.0.0.0/8");
        string? prefix = Prefix is null ? null : DeviceIdentity.Normalize(Prefix) ?? Prefix;
        return device =>
            (prefix is null || device.Id.StartsWith(prefix, StringComparison.Ordinal))
            && (range is null || (device.Address is { } address && range.Value.Contains(address)))
            && (Firmware is null || Firmware == device.Firmware)
            && (Board is null || Board == device.Board)
            && (Tag is null || device.Tags?.Contains(Tag) == true)
            && (MinAge is null || device.AgeSeconds >= MinAge)
            && (MaxAge is null || device.AgeSeconds <= MaxAge);
    }

    /// <summary>For the audit log.</summary>
    public override string ToString()
    {
        (string Name, object? Value)[] parts =
        [
            ("prefix", Prefix), ("address", Address), ("firmware", Firmware), ("board", Board), ("tag", Tag), ("minAge", MinAge), ("maxAge", MaxAge),
        ];
        string given = string.Join(", ", parts.Where(static part => part.Value is not null).Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Name}={part.Value}")));
        return given.Length == 0 ? "all devices" : given;
    }
}
