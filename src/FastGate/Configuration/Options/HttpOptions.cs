using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>The public HTTP listener: OTA and health.</summary>
internal sealed record HttpOptions : IOptionSection
{
    /// <summary>Address of the public HTTP listener.</summary>
    [ListenAddress]
    public string Listen { get; init; } = "0.0.0.0:8003";

    /// <summary>The address that OTA sends devices to; made from the request's host and the device port when absent.</summary>
    [WebSocketUrl]
    public string? WebSocketUrl { get; init; }

    /// <summary>
    /// Host names and addresses that OTA may hand out as the server's own. A request with another host gets the address of the machine that it has reached.
    /// When it is empty, the host of the request is used if it is a plain name or address. The same names are the server's own for web pages that connect to the device port.
    /// </summary>
    [HostNames]
    public IReadOnlyList<string> PublicHosts { get; init; } = [];

    /// <summary>What a device adds to UTC for its clock; the machine's time zone when absent (containers often run in UTC).</summary>
    [Duration("-12:00:00", "14:00:00")]
    public TimeSpan? TimezoneOffset { get; init; }
}
