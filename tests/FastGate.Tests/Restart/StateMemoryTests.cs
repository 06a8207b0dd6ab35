using FastGate.HandOver;
using FastGate.Restart;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart;

public sealed class StateMemoryTests
{
    private static readonly GatewayState s_state = new()
    {
        QuietAtUnixMs = 7,
        Listeners = [new ListenerState("devices", [3, 4])],
        Connections = [new ConnectionState { Descriptor = 9, DeviceId = "device", UnreadInput = new byte[200_000] }],
    };

    [Fact]
    public void A_state_is_read_by_its_descriptor()
    {
        using StateMemory memory = Written();
        using StateMemory other = Open($"/proc/self/fd/{memory.Descriptor}");
        ReadState read = other.Read();
        Assert.Equal(StateFault.None, read.Fault);
        ConnectionState connection = Assert.Single(read.State.Connections);
        Assert.Equal("device", connection.DeviceId);
        Assert.Equal(200_000, connection.UnreadInput.Length);
        Assert.Equal([3, 4], Assert.Single(read.State.Listeners).Descriptors);

        // The process that has written it reads it too, when exec has failed.
        Assert.Equal(7, memory.Read().State.QuietAtUnixMs);
        Assert.Equal(7, memory.Read().State.QuietAtUnixMs);
    }

    [Fact]
    public void A_sealed_state_cannot_be_changed()
    {
        using StateMemory memory = Written();
        Assert.ThrowsAny<Exception>(() => memory.Output!.SetLength(0));
        memory.Output!.Position = 0;
        Assert.ThrowsAny<Exception>(() => memory.Output!.Write("changed"u8));
        Assert.Throws<IOException>(memory.Seal);
        Assert.Single(memory.Read().State.Connections);
    }

    [Fact]
    public void A_state_that_was_not_finished_is_no_state()
    {
        using var notFinished = StateMemory.Create();
        new StateWriter(notFinished.Output!).Add(s_state.Connections[0]);
        notFinished.Seal();
        Assert.Equal(StateFault.NoState, notFinished.Read().Fault);

        using var notSealed = StateMemory.Create();
        StateWriter.Write(notSealed.Output!, s_state);
        Assert.Equal(StateFault.NoState, notSealed.Read().Fault);

        using var empty = StateMemory.Create();
        empty.Seal();
        Assert.Equal(StateFault.NoState, empty.Read().Fault);
    }

    [Fact]
    public void A_descriptor_of_something_else_is_no_state()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                StateWriter.Write(file, s_state);
            }

            using StateMemory memory = Open(path);
            Assert.Equal(StateFault.NoState, memory.Read().Fault);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_descriptor_is_closed_on_exec_and_closed_with_the_memory()
    {
        int descriptor;
        using (StateMemory memory = Written())
        {
            descriptor = memory.Descriptor;
            string flags = File.ReadAllLines($"/proc/self/fdinfo/{descriptor}").Single(static line => line.StartsWith("flags:", StringComparison.Ordinal));
            Assert.NotEqual(0, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & 0x80000);
            Assert.Contains("memfd:fastgate-state", File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", returnFinalTarget: false)!.FullName, StringComparison.Ordinal);
        }

        Assert.False(Path.Exists($"/proc/self/fd/{descriptor}")
            && File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", returnFinalTarget: false)!.FullName.Contains("memfd:fastgate-state", StringComparison.Ordinal));
    }

    /// <summary>The memory with a descriptor of its own.</summary>
    private static StateMemory Open(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int descriptor = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return StateMemory.Open(descriptor);
    }

    private static StateMemory Written()
    {
        var memory = StateMemory.Create();
        StateWriter.Write(memory.Output!, s_state);
        memory.Seal();
        return memory;
    }
}
