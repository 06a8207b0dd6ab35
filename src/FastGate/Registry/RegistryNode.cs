namespace FastGate.Registry;

/// <summary>
/// One entry of a bucket's chain. Immutable: a chain is changed by building another one and swapping the bucket's head, so a head that
/// was read is a snapshot of the whole bucket at that instant.
/// </summary>
/// <remarks>48 bytes on 64 bits; 56 to 64 with its share of the slots of a grown table.</remarks>
internal class RegistryNode
{
    /// <summary>The head of a bucket that is filled and has no entries. A null head means: not filled yet.</summary>
    public static readonly RegistryNode Empty = new(EmptyHash);

    // Hashes of ids are never negative, so these two match no id.
    protected const int FrozenHash = -2;
    private const int EmptyHash = -1;

    public readonly int Hash;
    public readonly string Key;
    public readonly object Value;
    public readonly RegistryNode? Next;

    public RegistryNode(int hash, string key, object value, RegistryNode? next)
    {
        Hash = hash;
        Key = key;
        Value = value;
        Next = next;
    }

    protected RegistryNode(int markerHash)
    {
        Hash = markerHash;
        Key = "";
        Value = Key;
    }

    public bool IsFrozen => Hash == FrozenHash;

    /// <summary>Not one of the two markers, which occur only at the head of a bucket.</summary>
    public bool IsEntry => Hash >= 0;

    public static RegistryNode? Find(RegistryNode? chain, int hash, ReadOnlySpan<char> key)
    {
        for (RegistryNode? node = chain; node is not null; node = node.Next)
        {
            if (node.Hash == hash && key.SequenceEqual(node.Key))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>The chain without one of its nodes: the nodes before it are copied, those after it are shared.</summary>
    public static RegistryNode? Without(RegistryNode chain, RegistryNode node)
    {
        RegistryNode? rest = node.Next;
        for (RegistryNode copied = chain; copied != node; copied = copied.Next!)
        {
            rest = copied.Before(rest);
        }

        return rest;
    }

    /// <summary>A copy of this entry in front of another chain.</summary>
    public RegistryNode Before(RegistryNode? next) => new(Hash, Key, Value, next);
}

/// <summary>
/// The head of a bucket whose entries are moving to the next table: this bucket never changes again. The chain is kept apart from Next,
/// so that a lookup that walks from the head finds nothing here and reads the next table.
/// </summary>
internal sealed class FrozenRegistryNode(RegistryNode? chain) : RegistryNode(FrozenHash)
{
    /// <summary>Shared by all empty buckets: most of them have nothing to move.</summary>
    public static readonly FrozenRegistryNode WithoutEntries = new(null);

    public RegistryNode? Chain { get; } = chain;
}
