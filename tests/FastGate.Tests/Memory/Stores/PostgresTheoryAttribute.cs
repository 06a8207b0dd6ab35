using System.Runtime.CompilerServices;
using FastGate.Testing.Postgres;

namespace FastGate.Tests.Memory.Stores;

/// <summary>As <see cref="PostgresFactAttribute"/>, for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute([CallerMemberName] string method = "")
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            Skip = reason;
            DisplayName = $"{method} ({reason})";
        }
    }
}
