using System.Runtime.CompilerServices;
using FastGate.Testing.Postgres;

namespace FastGate.Tests.Memory.Stores;

/// <summary>Skips the test where PostgreSQL is not installed; then the name of the test contains the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute([CallerMemberName] string method = "")
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            Skip = reason;
            DisplayName = $"{method} ({reason})";
        }
    }
}
