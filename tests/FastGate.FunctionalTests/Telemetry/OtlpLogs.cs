using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>OTLP's ExportLogsServiceRequest, as far as the tests read it.</summary>
[ProtoContract]
public sealed class OtlpLogs
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
        public List<Record> Records { get; } = [];
    }

    [ProtoContract]
    public sealed class Record
    {
        [ProtoMember(5, IsRequired = true)]
        public OtlpValue Body { get; set; } = new();

        [ProtoMember(9)]
        public byte[] TraceId { get; set; } = [];
    }
}
