using FastGate.Testing.Postgres;

namespace FastGate.Tests.Memory.Stores;

/// <summary>The stores that can be tested here. Where PostgreSQL is missing, <see cref="PostgresMemoryStoreTests"/> are skipped with the reason.</summary>
internal sealed class StoreKinds : TheoryData<StoreKind>
{
    public StoreKinds()
    {
        Add(StoreKind.Sqlite);
        if (PostgresServer.MissingReason is null)
        {
            Add(StoreKind.Postgres);
        }
    }
}
