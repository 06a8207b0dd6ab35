using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>Who sends: OTLP's Resource.</summary>
[ProtoContract]
public sealed class OtlpResource
{
    [ProtoMember(1)]
    public List<OtlpPair> Attributes { get; } = [];
}
