using System.Text.Json.Serialization;

namespace FastGate.Http.Admin;

/// <summary>How a device gives an operator's text to its user.</summary>
internal enum DeviceMessageKind
{
    /// <summary>Shows it.</summary>
    [JsonStringEnumMemberName("system")]
    System,

    /// <summary>Speaks it, after the present turn.</summary>
    [JsonStringEnumMemberName("speak")]
    Speak,
}
