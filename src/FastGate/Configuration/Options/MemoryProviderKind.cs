namespace FastGate.Configuration.Options;

/// <summary>Which store keeps the turns.</summary>
internal enum MemoryProviderKind
{
    Sqlite,

    /// <summary>Nothing is stored and nothing summarised.</summary>
    None,
}
