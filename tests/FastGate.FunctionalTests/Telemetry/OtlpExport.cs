using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>OTLP's ExportTraceServiceRequest, ExportMetricsServiceRequest or ExportLogsServiceRequest, which differ in their items only; as far as the tests read it.</summary>
[ProtoContract]
public sealed class OtlpExport<T>
{
    [ProtoMember(1)]
    public List<OfResource> Resources { get; } = [];

    public IEnumerable<T> Items => Resources.SelectMany(static resource => resource.Scopes).SelectMany(static scope => scope.Items);

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
        public List<T> Items { get; } = [];
    }
}
