using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FastGate.Hosting;

namespace FastGate.Tests.Hosting;

public sealed class CompilerMemoryTests
{
    private long _compiled;
    private int _released;

    [Fact]
    public void Memory_is_released_once_after_methods_were_compiled()
    {
        var memory = new CompilerMemory(() => _compiled, () => _released++);

        _compiled = 100;
        Assert.False(PollTimes(memory, CompilerMemory.PollsBetween - 1));
        Assert.True(memory.Poll());
        Assert.False(PollTimes(memory, 10 * CompilerMemory.PollsBetween));
        _compiled++;
        Assert.True(PollTimes(memory, CompilerMemory.PollsBetween));
        Assert.Equal(2, _released);
    }

    [Fact]
    public void Nothing_is_released_where_nothing_is_compiled()
    {
        var memory = new CompilerMemory(() => _compiled, () => _released++);

        Assert.False(PollTimes(memory, 10 * CompilerMemory.PollsBetween));
        Assert.Equal(0, _released);
    }

    /// <summary>Free blocks between used ones, which the C library does not return by itself.</summary>
    [Fact]
    public unsafe void Free_pages_of_the_c_library_are_returned_to_the_system()
    {
        const int Blocks = 2_000;
        const int Size = 32 * 1024;
        nint[] blocks = new nint[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(Size);
            new Span<byte>((void*)blocks[i], Size).Fill(1);
        }

        int[] freed = [.. Enumerable.Range(0, Blocks).Where(static i => i % 2 == 1)];
        foreach (int i in freed)
        {
            NativeMemory.Free((void*)blocks[i]);
        }

        nint[] middles = [.. freed.Select(i => blocks[i] + (Size / 2))];
        Assert.InRange(PagesPresent(middles), freed.Length * 3 / 4, freed.Length);

        CompilerMemory.ReleaseNow();

        Assert.InRange(PagesPresent(middles), 0, freed.Length / 4);
        foreach (int i in Enumerable.Range(0, Blocks).Except(freed))
        {
            NativeMemory.Free((void*)blocks[i]);
        }
    }

    /// <summary>By the process's page map: eight bytes for each page, and the highest bit says that it is in memory.</summary>
    private static int PagesPresent(nint[] addresses)
    {
        using FileStream map = File.OpenRead("/proc/self/pagemap");
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        int present = 0;
        foreach (nint address in addresses)
        {
            map.Position = address / Environment.SystemPageSize * entry.Length;
            map.ReadExactly(entry);
            present += (int)(BinaryPrimitives.ReadUInt64LittleEndian(entry) >> 63);
        }

        return present;
    }

    private static bool PollTimes(CompilerMemory memory, int times)
    {
        bool hasReleased = false;
        for (int i = 0; i < times; i++)
        {
            hasReleased |= memory.Poll();
        }

        return hasReleased;
    }
}
