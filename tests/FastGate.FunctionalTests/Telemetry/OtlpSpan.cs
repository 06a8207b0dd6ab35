using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

[ProtoContract]
public sealed class OtlpSpan
{
    [ProtoMember(1)]
    public byte[] TraceId { get; set; } = [];

    [ProtoMember(2)]
    public byte[] SpanId { get; set; } = [];

    [ProtoMember(4)]
    public byte[] ParentId { get; set; } = [];

    [ProtoMember(5)]
    public string Name { get; set; } = "";

    /// <summary>3 is a client's.</summary>
    [ProtoMember(6)]
    public int Kind { get; set; }

    [ProtoMember(7, DataFormat = DataFormat.FixedSize)]
    public ulong Start { get; set; }

    [ProtoMember(8, DataFormat = DataFormat.FixedSize)]
    public ulong End { get; set; }

    [ProtoMember(9)]
    public List<OtlpPair> Attributes { get; } = [];

    [ProtoMember(15)]
    public Outcome? Status { get; set; }

    public string? this[string attribute] => OtlpPair.Find(Attributes, attribute);

    [ProtoContract]
    public sealed class Outcome
    {
        /// <summary>2 is an error.</summary>
        [ProtoMember(3)]
        public int Code { get; set; }
    }
}
