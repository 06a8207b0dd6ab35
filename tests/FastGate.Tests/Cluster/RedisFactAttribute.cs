using System.Runtime.CompilerServices;
using FastGate.Testing.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>A test that needs redis-server. The name of the skipped test contains the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute([CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        if (RedisServer.MissingReason is { } reason)
        {
            Skip = reason;
            DisplayName = $"{Path.GetFileNameWithoutExtension(file)}.{method} ({reason})";
        }
    }
}
