using System.Runtime.InteropServices;
using FastGate.Restart;

namespace FastGate.Tests.Restart;

public sealed partial class SuccessorProcessTests
{
    /// <summary>As with an ignored SIGCHLD: the kernel forgets the child, and its number may belong to another process.</summary>
    [Fact]
    public void A_child_that_was_reaped_elsewhere_has_failed()
    {
        using var successor = SuccessorProcess.Start("/bin/true", ["true"], []);
        Assert.Equal(successor.ProcessId, WaitFor(successor.ProcessId, out _, 0));
        Assert.Equal(SuccessorState.Failed, successor.Poll());
        successor.Kill();
        Assert.Equal(SuccessorState.Failed, successor.Poll());
    }

    [Fact]
    public void A_child_that_ends_without_an_error_has_stopped()
    {
        using var successor = SuccessorProcess.Start("/bin/true", ["true"], []);
        Assert.True(SpinWait.SpinUntil(() => successor.Poll() == SuccessorState.Stopped, TimeSpan.FromSeconds(20)));
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int processId, out int status, int options);
}
