using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Operators;

/// <summary>One way in which an operator acts and looks: the API, the command line, the dashboard.</summary>
public interface IOperatorRoad
{
    /// <summary>Does the act and returns what the server answered, as this road has it; null for an answer without content.</summary>
    Task<JsonNode?> ActAsync(OperatorAct act);

    Task<JsonNode> ReadAsync(OperatorRead read);

    /// <summary>Begins a trace of a device.</summary>
    Task<IOperatorTrace> TraceAsync(string deviceId);
}
