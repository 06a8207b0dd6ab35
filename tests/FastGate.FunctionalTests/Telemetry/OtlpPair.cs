using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>A named value, an attribute: OTLP's KeyValue.</summary>
[ProtoContract]
public sealed class OtlpPair
{
    [ProtoMember(1)]
    public string Key { get; set; } = "";

    [ProtoMember(2, IsRequired = true)]
    public OtlpValue Value { get; set; } = new();

    /// <summary>The text of the attribute of this name; null without one.</summary>
    public static string? Find(IEnumerable<OtlpPair> attributes, string key) => attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value.ToString();
}
