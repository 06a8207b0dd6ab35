using System.Globalization;
using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>A value of an attribute: the part of OTLP's AnyValue that the gateway sends.</summary>
[ProtoContract]
public sealed class OtlpValue
{
    [ProtoMember(1)]
    public string? Text { get; set; }

    [ProtoMember(2)]
    public bool? Truth { get; set; }

    [ProtoMember(3)]
    public long? Whole { get; set; }

    [ProtoMember(4)]
    public double? Fraction { get; set; }

    [ProtoMember(5)]
    public Items? List { get; set; }

    public override string ToString() =>
        Text ?? Truth?.ToString() ?? Whole?.ToString(CultureInfo.InvariantCulture) ?? Fraction?.ToString(CultureInfo.InvariantCulture) ?? string.Join(",", List?.Values ?? []);

    [ProtoContract]
    public sealed class Items
    {
        [ProtoMember(1)]
        public List<OtlpValue> Values { get; } = [];
    }
}
