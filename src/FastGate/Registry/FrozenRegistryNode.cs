namespace FastGate.Registry;

/// <summary>
/// Stands at the head of a bucket whose entries are moving to the next table: this bucket never changes again. Its chain
/// hangs aside, so that a lookup which walks from the head finds nothing here and has to look at the next table.
/// </summary>
internal sealed class FrozenRegistryNode(RegistryNode? chain) : RegistryNode(FrozenHash)
{
    /// <summary>For every bucket that holds nothing: most of them have nothing to move.</summary>
    public static readonly FrozenRegistryNode WithoutEntries = new(null);

    public RegistryNode? Chain { get; } = chain;
}
