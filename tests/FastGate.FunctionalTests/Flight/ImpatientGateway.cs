namespace FastGate.FunctionalTests.Flight;

/// <summary>A server that does not wait long for requests and hellos. Only for clients that let it wait.</summary>
public sealed class ImpatientGateway() : CorpusGateway("--FastGate:Devices:Timeouts:Handshake=00:00:02", "--FastGate:Devices:Timeouts:Hello=00:00:02");
