namespace FastGate.Tests.Memory.Stores;

/// <summary>Tests with a PostgreSQL server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTestGroup : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
