using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

[ProtoContract]
public sealed class OtlpLogRecord
{
    [ProtoMember(5, IsRequired = true)]
    public OtlpValue Body { get; set; } = new();

    [ProtoMember(9)]
    public byte[] TraceId { get; set; } = [];
}
