using FastGate.Limits;

namespace FastGate.Tests.Limits;

public sealed class ContainerMemoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fastgate-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Second_version_counts_without_page_cache()
    {
        Write("memory.max", "1000\n");
        Write("memory.current", "900\n");
        Write("memory.stat", "anon 500\nfile 400\ninactive_file 300\nactive_file 100\n");
        Assert.Equal(0.6, new ContainerMemory(_root).ShareOfContainer());
    }

    [Fact]
    public void First_version_counts_without_page_cache()
    {
        Write("memory/memory.limit_in_bytes", "1000\n");
        Write("memory/memory.usage_in_bytes", "900\n");
        Write("memory/memory.stat", "cache 400\ninactive_file 1\ntotal_inactive_file 300\n");
        Assert.Equal(0.6, new ContainerMemory(_root).ShareOfContainer());
    }

    [Theory]
    [InlineData("memory.max", "max\n")]
    [InlineData("memory/memory.limit_in_bytes", "9223372036854771712\n")]
    [InlineData("memory.max", "")]
    [InlineData("other", "")]
    public void Without_a_limit_the_collector_counts(string file, string text)
    {
        Write(file, text);
        Write("memory.current", "900\n");
        Write("memory/memory.usage_in_bytes", "900\n");
        var memory = new ContainerMemory(_root);
        Assert.Null(memory.ShareOfContainer());
        Assert.InRange(memory.UsedShare(), 0, 1);
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
