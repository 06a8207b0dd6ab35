using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Clients;

/// <summary>The same as <see cref="RequiresProgramFactAttribute"/>, for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramTheoryAttribute : TheoryAttribute
{
    public RequiresProgramTheoryAttribute(RequiredProgram program, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        Program = program;
        if (InstalledPrograms.MissingReason(program) is { } reason)
        {
            Skip = reason;
            DisplayName = InstalledPrograms.NameOfSkipped(file, method, reason);
        }
    }

    public RequiredProgram Program { get; }
}
