namespace FastGate.FunctionalTests.Clients;

/// <summary>The same as <see cref="RequiresProgramFactAttribute"/>, for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramTheoryAttribute : TheoryAttribute
{
    public RequiresProgramTheoryAttribute(RequiredProgram program)
    {
        Program = program;
        Skip = RequiresProgramFactAttribute.MissingReason(program);
    }

    public RequiredProgram Program { get; }
}
