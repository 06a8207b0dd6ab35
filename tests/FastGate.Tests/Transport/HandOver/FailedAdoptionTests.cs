using System.Net.Sockets;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>A loop cannot take over what an earlier owner has left.</summary>
public sealed class FailedAdoptionTests
{
    /// <summary>No descriptor.</summary>
    private const int Closed = 1_000_000_000;

    /// <summary>
    /// The kernel knows no descriptor with the first number (fcntl), gives no peer of a file (getpeername) and refuses to watch one (epoll_ctl). The descriptor is
    /// closed, and the next connection is taken over.
    /// </summary>
    [Fact]
    public async Task An_adoption_that_fails_is_counted_and_costs_no_other_connection()
    {
        var first = new MovableEcho();
        var second = new MovableEcho();
        const TransportKind Loops = TransportKind.EventLoop;
        await using HandOverHarness harness = await HandOverHarness.StartAsync(Loops, Loops, first.RunAsync, second.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        await peer.SendAsync("a"u8.ToArray());
        Assert.Equal(1, await peer.ReceiveAsync(new byte[1]).Within());
        DetachedSocket socket = Assert.Single(await first.DetachAllAsync());
        int file;
        using (Microsoft.Win32.SafeHandles.SafeFileHandle own = MemoryFile.Create("unwatchable"u8))
        {
            file = HandOverHarness.Copy((int)own.DangerousGetHandle());
        }

        harness.To.Adopt(new DetachedSocket(Closed, default, default), "state");
        harness.To.Adopt(new DetachedSocket(file, default, default), "state");
        harness.To.Adopt(socket, "state");

        await peer.SendAsync("b"u8.ToArray());
        Assert.Equal(1, await peer.ReceiveAsync(new byte[1]).Within());
        await Eventually.TrueAsync(() => harness.Next.Count("faults") == 2, "the failed adoptions are counted");
        Assert.Equal((1, 1), (harness.Next.Count("adopted"), harness.Next.Count("open")));
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries("/proc/self/fd"),
            static path => new FileInfo(path).LinkTarget?.Contains("unwatchable", StringComparison.Ordinal) == true);
    }
}
