using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Restart;

/// <summary>A file that is only in memory and has no name: it ends with its last descriptor.</summary>
internal static partial class StateMemory
{
    private const string Name = "fastgate-state";
    private const uint CloseOnExec = 1;

    /// <summary>Empty. Throws <see cref="IOException"/> when the system has none left.</summary>
    public static FileStream Create()
    {
        int descriptor = CreateFile(Name, CloseOnExec);
        return descriptor < 0
            ? throw new IOException($"memfd_create: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}")
            : new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
    }

    /// <summary>Null when the descriptor is not of such a file. The file is closed.</summary>
    public static byte[]? Take(int descriptor)
    {
        if (InheritedDescriptors.TargetOf(descriptor)?.StartsWith($"/memfd:{Name}", StringComparison.Ordinal) != true)
        {
            return null;
        }

        using var file = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        byte[] content = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(content);
        return content;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int CreateFile(string name, uint flags);
}
