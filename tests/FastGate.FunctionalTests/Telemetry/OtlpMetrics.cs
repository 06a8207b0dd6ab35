using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>OTLP's ExportMetricsServiceRequest, as far as the tests read it.</summary>
[ProtoContract]
public sealed class OtlpMetrics
{
    [ProtoMember(1)]
    public List<OfResource> Resources { get; } = [];

    [ProtoContract]
    public sealed class OfResource
    {
        [ProtoMember(1, IsRequired = true)]
        public OtlpResource Resource { get; set; } = new();

        [ProtoMember(2)]
        public List<OfScope> Scopes { get; } = [];
    }

    [ProtoContract]
    public sealed class OfScope
    {
        [ProtoMember(2)]
        public List<Metric> Metrics { get; } = [];
    }

    [ProtoContract]
    public sealed class Metric
    {
        [ProtoMember(1)]
        public string Name { get; set; } = "";

        [ProtoMember(3)]
        public string Unit { get; set; } = "";

        [ProtoMember(7)]
        public Total? Sum { get; set; }
    }

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
