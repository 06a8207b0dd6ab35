namespace FastGate.FunctionalTests.Operators;

/// <summary>A trace that an operator watches.</summary>
public interface IOperatorTrace : IAsyncDisposable
{
    /// <summary>The lines so far.</summary>
    Task<IReadOnlyList<string>> LinesAsync();

    /// <summary>Ends the trace as an operator does.</summary>
    Task EndAsync();
}
