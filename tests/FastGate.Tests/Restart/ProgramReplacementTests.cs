using System.Runtime.Versioning;
using FastGate.Restart;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart;

/// <summary>A replacement that fails; one that succeeds would replace the test.</summary>
[SupportedOSPlatform("linux")]
public sealed class ProgramReplacementTests
{
    private const int NoSuchFile = 2;
    private const int CloseOnExec = 0x80000;

    [Fact]
    public void A_failure_is_reported_and_leaves_descriptors_and_signals_as_they_were()
    {
        using SafeFileHandle state = File.OpenHandle("/dev/null");
        using SafeFileHandle socket = File.OpenHandle("/dev/null");
        string signals = Ignored();

        int error = ProgramReplacement.Execute(
            new ProgramImage("/nonexistent/FastGate", ["FastGate"]), new StateTicket(Number(state)), [Number(socket)]);

        Assert.Equal(NoSuchFile, error);
        Assert.All([state, socket], static handle => Assert.Equal(CloseOnExec, FlagsOf(handle) & CloseOnExec));
        Assert.Equal(signals, Ignored());
        Assert.Null(Environment.GetEnvironmentVariable(StateTicket.Variable));
    }

    [Fact]
    public void The_program_of_a_process_is_what_was_started()
    {
        var image = ProgramImage.OfProcess();

        Assert.True(Path.IsPathFullyQualified(image.Path));
        Assert.True(File.Exists(image.Path));
        Assert.NotEmpty(image.Arguments);
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static int FlagsOf(SafeFileHandle handle) => Convert.ToInt32(
        File.ReadLines($"/proc/self/fdinfo/{Number(handle)}").First(static line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim(), 8);

    private static string Ignored() => File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
}
