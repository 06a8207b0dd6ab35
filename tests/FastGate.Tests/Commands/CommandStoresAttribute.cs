using System.Reflection;
using FastGate.Testing.Cluster;
using Xunit.Sdk;

namespace FastGate.Tests.Commands;

/// <summary>The stores of commands: the database of a server, and the Redis of a cluster where redis-server is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CommandStoresAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        yield return ["database"];
        if (RedisServer.MissingReason is null)
        {
            yield return ["redis"];
        }
    }
}
