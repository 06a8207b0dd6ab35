using System.Diagnostics.Metrics;
using System.Net;
using FastGate.Transport;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Transport;

/// <summary>An event for a removed connection finds none, even when its slot has a new owner.</summary>
public sealed class ConnectionTableTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly EventLoop _loop;

    public ConnectionTableTests()
    {
        var metrics = new TransportMetrics(_services.GetRequiredService<IMeterFactory>().Create("FastGate"));
        _loop = new EventLoop(0, new TransportOptions(), NullLogger.Instance, metrics);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_reused_slot_has_another_generation()
    {
        var table = new ConnectionTable();
        LoopConnection first = Connection();
        table.Add(first);
        ulong word = WordOf(first);
        Assert.Same(first, table.Find(word));
        table.Remove(first);
        Assert.Null(table.Find(word));
        LoopConnection second = Connection();
        table.Add(second);
        Assert.Equal(first.Slot, second.Slot);
        Assert.Null(table.Find(word));
        Assert.Same(second, table.Find(WordOf(second)));
        table.Remove(first);
        Assert.Same(second, table.Find(WordOf(second)));
    }

    [Fact]
    public void An_idle_connection_is_three_small_objects()
    {
        const int Count = 100;
        Connection();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Count; i++)
        {
            Connection();
        }

        // The connection, its reader and its writer; everything else is created on first use.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 1, 296);
    }

    [Fact]
    public void Random_adds_and_removes_match_a_dictionary()
    {
        var random = new Random(3);
        var table = new ConnectionTable();
        var model = new Dictionary<ulong, LoopConnection>();
        var gone = new List<ulong>();
        for (int round = 0; round < 20_000; round++)
        {
            // The table grows for a while, then empties.
            bool comes = random.Next(100) < ((round / 2_000) % 2 == 0 ? 70 : 25);
            if (comes || model.Count == 0)
            {
                LoopConnection connection = Connection();
                table.Add(connection);
                model.Add(WordOf(connection), connection);
            }
            else
            {
                ulong word = model.Keys.ElementAt(random.Next(Math.Min(model.Count, 50)));
                table.Remove(model[word]);
                model.Remove(word);
                gone.Add(word);
            }

            Assert.Equal(model.Count, table.Count);
        }

        Assert.All(model, pair => Assert.Same(pair.Value, table.Find(pair.Key)));
        Assert.All(gone, word => Assert.Null(table.Find(word)));
        foreach (LoopConnection connection in model.Values)
        {
            table.Remove(connection);
        }

        LoopConnection last = Connection();
        table.Add(last);
        table.Remove(last);
        Assert.Equal(64, table.Capacity);
    }

    private static ulong WordOf(LoopConnection connection) => (uint)connection.Slot | ((ulong)connection.Generation << 32);

    private LoopConnection Connection()
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        LinuxAddress.Write(new IPEndPoint(IPAddress.Loopback, 1), address);
        return new LoopConnection(_loop, -1, address);
    }
}
