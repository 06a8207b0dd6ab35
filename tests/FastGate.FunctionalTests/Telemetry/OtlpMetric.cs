using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

[ProtoContract]
public sealed class OtlpMetric
{
    [ProtoMember(1)]
    public string Name { get; set; } = "";

    [ProtoMember(3)]
    public string Unit { get; set; } = "";

    [ProtoMember(7)]
    public Total? Sum { get; set; }

    [ProtoContract]
    public sealed class Total
    {
        [ProtoMember(1)]
        public List<Point> Points { get; } = [];

        [ProtoMember(3)]
        public bool IsMonotonic { get; set; }
    }

    [ProtoContract]
    public sealed class Point
    {
        [ProtoMember(4, DataFormat = DataFormat.FixedSize)]
        public double? Fraction { get; set; }

        [ProtoMember(6, DataFormat = DataFormat.FixedSize)]
        public long? Whole { get; set; }

        [ProtoMember(7)]
        public List<OtlpPair> Attributes { get; } = [];

        public double Value => Whole ?? Fraction ?? 0;
    }
}
