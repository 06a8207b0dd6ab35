namespace FastGate.Registry;

/// <summary>
/// One entry of a bucket's chain. Nothing in it ever changes: a chain is altered by building another and swapping the
/// bucket's head, so whoever has read a head holds a picture of the whole bucket at that instant.
/// </summary>
/// <remarks>48 bytes on 64 bits, and 56 to 64 with its share of the slots of a grown table.</remarks>
internal class RegistryNode
{
    /// <summary>A bucket that has been set up and holds nothing. Null means: not set up yet.</summary>
    public static readonly RegistryNode Empty = new(EmptyHash);

    // Hashes of ids are never negative, so these two match none.
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

    /// <summary>Neither of the two markers, which only ever stand at the head of a bucket.</summary>
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

    /// <summary>The chain without one of its nodes: what stood before it is copied, what follows is shared.</summary>
    public static RegistryNode? Without(RegistryNode chain, RegistryNode node)
    {
        RegistryNode? rest = node.Next;
        for (RegistryNode copied = chain; copied != node; copied = copied.Next!)
        {
            rest = copied.Before(rest);
        }

        return rest;
    }

    /// <summary>This entry again, in front of another chain.</summary>
    public RegistryNode Before(RegistryNode? next) => new(Hash, Key, Value, next);
}
