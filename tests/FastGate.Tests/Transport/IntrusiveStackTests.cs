using FastGate.Transport.Concurrency;

namespace FastGate.Tests.Transport;

public sealed class IntrusiveStackTests
{
    private IntrusiveStack<Node> _stack;

    [Fact]
    public void Take_all_returns_the_newest_first_and_in_order_the_oldest_first()
    {
        Assert.Null(_stack.TakeAll());
        Assert.Null(_stack.TakeAllInOrder());
        foreach (int value in (int[])[1, 2, 3])
        {
            _stack.Push(new Node { Value = value });
        }

        Assert.False(_stack.IsEmpty);
        Assert.Equal([3, 2, 1], Values(_stack.TakeAll()));
        Assert.True(_stack.IsEmpty);

        _stack.Push(new Node { Value = 1 });
        _stack.Push(new Node { Value = 2 });
        Assert.Equal([1, 2], Values(_stack.TakeAllInOrder()));
        Assert.True(_stack.IsEmpty);
    }

    [Fact]
    public void Push_and_take_allocate_nothing()
    {
        var nodes = new Node[] { new(), new(), new() };
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                foreach (Node node in nodes)
                {
                    _stack.Push(node);
                }

                _ = _stack.TakeAllInOrder();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    /// <summary>Producers reuse nodes as soon as they have been taken, so a push may meet a head that was taken and pushed again (ABA).</summary>
    [Fact]
    public async Task Concurrent_pushes_lose_and_double_no_node_and_keep_the_order_of_each_thread()
    {
        const int Producers = 4;
        const int Nodes = 8;
        const int Pushes = 50_000;
        var producing = Task.WhenAll(Enumerable.Range(0, Producers).Select(producer => Task.Run(() =>
        {
            Node[] nodes = [.. Enumerable.Range(0, Nodes).Select(_ => new Node { Producer = producer })];
            var spin = new SpinWait();
            for (int i = 0; i < Pushes; i++)
            {
                Node node = nodes[i % Nodes];
                while (Volatile.Read(ref node.IsPushed))
                {
                    spin.SpinOnce();
                }

                node.Value = i;
                node.IsPushed = true;
                _stack.Push(node);
            }
        })));

        int[] next = new int[Producers];
        while (next.Sum() < Producers * Pushes)
        {
            Node? node = _stack.TakeAllInOrder();
            while (node is not null)
            {
                Node? following = node.Next;
                Assert.Equal(next[node.Producer]++, node.Value);
                Volatile.Write(ref node.IsPushed, false);
                node = following;
            }
        }

        await producing;
        Assert.True(_stack.IsEmpty);
    }

    private static List<int> Values(Node? node)
    {
        List<int> values = [];
        for (; node is not null; node = node.Next)
        {
            values.Add(node.Value);
        }

        return values;
    }

    private sealed class Node : IStackNode<Node>
    {
        public bool IsPushed;

        public Node? Next { get; set; }

        public int Producer { get; init; }

        public int Value { get; set; }
    }
}
