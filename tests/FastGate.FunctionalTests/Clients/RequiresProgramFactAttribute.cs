using System.Runtime.CompilerServices;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Skips the test when the external program that it needs is not installed. The name of the skipped test contains the reason, because
/// <c>dotnet test</c> prints the name but not the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresProgramFactAttribute : FactAttribute
{
    public RequiresProgramFactAttribute(RequiredProgram program, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
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
