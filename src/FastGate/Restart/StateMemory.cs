using System.Runtime.InteropServices;
using FastGate.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>
/// A memory file with a saved state. It is closed on exec until another owner of the descriptor changes that. Once written it is sealed, so that no
/// holder can change or shrink it while another one reads it. Linux only.
/// </summary>
internal sealed partial class StateMemory : IDisposable
{
    private const int AddSealsCommand = 1033;
    private const int GetSealsCommand = 1034;

    /// <summary>No more seals, no shrinking, no growing, no writing.</summary>
    private const int Seals = 1 | 2 | 4 | 8;

    private readonly SafeFileHandle _handle;

    private StateMemory(SafeFileHandle handle) => _handle = handle;

    /// <summary>For a <see cref="StateWriter"/>, between <see cref="Create"/> and <see cref="Seal"/>; null for a descriptor of another owner.</summary>
    public Stream? Output { get; private init; }

    public long Length => RandomAccess.GetLength(_handle);

    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>An empty memory file. Throws <see cref="IOException"/> when the system has no descriptor or memory left.</summary>
    public static StateMemory Create()
    {
        SafeFileHandle handle = MemoryFile.Create("fastgate-state\0"u8, isSealable: true);

        // Unbuffered, because the writer passes large pieces.
        return new StateMemory(handle) { Output = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0) };
    }

    /// <summary>Takes ownership of a descriptor, which may be of anything.</summary>
    public static StateMemory Open(int descriptor) => new(new SafeFileHandle(descriptor, ownsHandle: true));

    /// <summary>Ends writing. The state may be read from here on.</summary>
    public void Seal()
    {
        if (ControlCore(Descriptor, AddSealsCommand, Seals) < 0)
        {
            throw new IOException($"F_ADD_SEALS: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The state, to be read in place. Null for what is not a sealed memory file: that is no state.</summary>
    public StateView? TryMap()
    {
        int seals = ControlCore(Descriptor, GetSealsCommand, 0);
        long length = seals >= 0 && (seals & Seals) == Seals ? RandomAccess.GetLength(_handle) : 0;
        return length is 0 or > int.MaxValue ? null : new StateView(_handle, (int)length);
    }

    /// <summary>Reads all of the state.</summary>
    public ReadState Read()
    {
        using StateView? view = TryMap();
        return view is null ? new ReadState { Fault = StateFault.NoState } : StateReader.Read(view.Bytes);
    }

    public void Dispose()
    {
        Output?.Dispose();
        _handle.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int ControlCore(int descriptor, int command, nint argument);
}
