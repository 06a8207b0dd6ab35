namespace FastGate.Flight;

/// <summary>Why a device or an address does not connect or does not stay connected.</summary>
/// <param name="Subject">The device id in its normal form, or the address.</param>
/// <param name="Verdict">Tag of the verdict.</param>
/// <param name="Summary">What happened.</param>
/// <param name="Remedy">What to change.</param>
internal sealed record Explanation(string Subject, string Verdict, LocalText Summary, LocalText Remedy)
{
    /// <summary>When the verdict's record was made.</summary>
    public DateTimeOffset? At { get; init; }

    public string? Detail { get; init; }

    /// <summary>Since when the device is connected; null when it is not.</summary>
    public DateTimeOffset? ConnectedSince { get; init; }

    /// <summary>The node of the cluster that says so; of a connected device the one that it is connected to.</summary>
    public string? Node { get; init; }

    /// <summary>A line for each node that has not answered.</summary>
    public IReadOnlyList<string>? Problems { get; init; }

    /// <summary>Devices that are connected from the address.</summary>
    public int? ConnectedDevices { get; init; }

    /// <summary>Known ids that differ from the subject only in case and separators.</summary>
    public IReadOnlyList<string> Similar { get; init; } = [];

    /// <summary>How many records of the subject have each reason.</summary>
    public IReadOnlyDictionary<string, int> Reasons { get; init; } = new Dictionary<string, int>();

    /// <summary>The records of the subject, newest first; without any, the newest records without a device id.</summary>
    public IReadOnlyList<ConnectionRecord> Records { get; init; } = [];
}
