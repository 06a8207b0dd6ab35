namespace FastGate.FunctionalTests.Clients;

/// <summary>As <see cref="RequiresProgramFactAttribute"/>, for a table of cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramTheoryAttribute : TheoryAttribute
{
    public RequiresProgramTheoryAttribute(RequiredProgram program)
    {
        Program = program;
        Skip = RequiresProgramFactAttribute.WhyMissing(program);
    }

    public RequiredProgram Program { get; }
}
