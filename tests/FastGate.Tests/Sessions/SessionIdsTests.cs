using FastGate.Sessions;

namespace FastGate.Tests.Sessions;

public sealed class SessionIdsTests
{
    /// <summary>More than a block of random bytes has, on several threads.</summary>
    [Fact]
    public void Ids_are_distinct_uuids_of_version_4()
    {
        const int Threads = 4;
        const int PerThread = 3_000;
        var ids = new Guid[Threads * PerThread];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            foreach (ref Guid id in ids.AsSpan(number * PerThread, PerThread))
            {
                id = SessionIds.Next();
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, static id =>
        {
            Assert.Equal(4, id.Version);
            Assert.InRange(id.Variant, 8, 11);
        });
    }
}
