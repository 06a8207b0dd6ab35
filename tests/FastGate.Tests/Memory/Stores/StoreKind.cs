namespace FastGate.Tests.Memory.Stores;

/// <summary>A store with the semantics that all stores share.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}
