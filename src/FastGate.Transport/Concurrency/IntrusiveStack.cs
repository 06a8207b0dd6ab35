namespace FastGate.Transport.Concurrency;

/// <summary>
/// A lock-free stack linked through its nodes: any thread pushes, one thread at a time takes everything. One word, no allocation.
/// A mutable struct: never copy it, never make its field read-only.
/// </summary>
/// <remarks>
/// A push links the node to the head it read and replaces that head by compare-and-swap; taking replaces the head by null. Both are full
/// fences: what a thread stored before its push is visible to the thread that takes the node, and a thread that looks at another word
/// after its push cannot have read that word before the push became visible.
/// <para>
/// A node is in the stack at most once: the caller must own it before it pushes it. The link therefore has one writer at a time.
/// ABA is harmless: if the head that a push read is taken, and pushed again before the compare-and-swap, the node is linked to the
/// current head, and everything below is reached through that head's own link.
/// </para>
/// <para>Pushing is lock-free (a failed compare-and-swap means that another thread made progress), taking is wait-free.</para>
/// </remarks>
internal struct IntrusiveStack<T>
    where T : class, IStackNode<T>
{
    private T? _head;

    /// <summary>Any thread; only a snapshot unless the caller takes or pushes itself.</summary>
    public bool IsEmpty => Volatile.Read(ref _head) is null;

    /// <summary>Any thread that owns the node.</summary>
    public void Push(T node)
    {
        T? head = Volatile.Read(ref _head);
        while (true)
        {
            node.Next = head;
            T? seen = Interlocked.CompareExchange(ref _head, node, head);
            if (ReferenceEquals(seen, head))
            {
                return;
            }

            head = seen;
        }
    }

    /// <summary>Takes all nodes, the newest first, linked by <see cref="IStackNode{T}.Next"/>.</summary>
    public T? TakeAll() => IsEmpty ? null : Interlocked.Exchange(ref _head, null);

    /// <summary>Takes all nodes, the oldest first, linked by <see cref="IStackNode{T}.Next"/>.</summary>
    public T? TakeAllInOrder()
    {
        T? node = TakeAll();
        T? ordered = null;
        while (node is not null)
        {
            T? next = node.Next;
            node.Next = ordered;
            ordered = node;
            node = next;
        }

        return ordered;
    }
}
