using System.Runtime.CompilerServices;

namespace FastGate.Registry;

/// <summary>Enumerates the connections of a registry; see <see cref="ConnectionRegistry{T}.GetEnumerator"/>. One thread at a time.</summary>
/// <remarks>
/// It stays with the table it began with, in which every id has one bucket, so no id is returned twice. A bucket is read when the
/// enumeration reaches it. If its entries have moved by then, it takes the ids from the frozen chain and looks each of them up again.
/// </remarks>
internal struct RegistryEnumerator<T>
    where T : class, IRegisteredConnection
{
    private readonly ConnectionRegistry<T> _registry;
    private readonly RegistryTable _table;
    private RegistryNode? _node;
    private int _bucket;
    private bool _moved;

    internal RegistryEnumerator(ConnectionRegistry<T> registry, RegistryTable table)
    {
        _registry = registry;
        _table = table;
        Current = null!;
    }

    public T Current { readonly get; private set; }

    public bool MoveNext()
    {
        while (true)
        {
            while (_node is { } node)
            {
                _node = node.Next;
                T? connection = _moved ? _registry.Find(node.Key) : Unsafe.As<T>(node.Value);
                if (connection is not null)
                {
                    Current = connection;
                    return true;
                }
            }

            if (_bucket == _table.Length)
            {
                return false;
            }

            RegistryNode head = _table.Read(_bucket++);
            _moved = head.IsFrozen;
            _node = head is FrozenRegistryNode frozen ? frozen.Chain : head.IsEntry ? head : null;
        }
    }
}
