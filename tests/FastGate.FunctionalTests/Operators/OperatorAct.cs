namespace FastGate.FunctionalTests.Operators;

/// <summary>One act, as each road names it.</summary>
/// <param name="Method">Of the request.</param>
/// <param name="Path">Of the request, below the prefix of the API.</param>
/// <param name="Body">Of the request.</param>
/// <param name="Words">The command.</param>
/// <param name="Page">The page of the dashboard.</param>
/// <param name="Press">The control of the page.</param>
public sealed record OperatorAct(string Method, string Path, string? Body, string[] Words, string Page, string Press)
{
    /// <summary>Fields of the page that are filled before the press.</summary>
    public (string Input, string Value)[] PageInputs { get; init; } = [];

    /// <summary>Fields of the dialog.</summary>
    public (string Input, string Value)[] DialogInputs { get; init; } = [];

    /// <summary>What the page shows when the control may be pressed, as a condition in JavaScript.</summary>
    public string Ready { get; init; } = "true";
}
