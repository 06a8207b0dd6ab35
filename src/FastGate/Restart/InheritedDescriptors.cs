using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>The descriptors that this process had before its program was replaced. Valid before the new program opens sockets of its own.</summary>
internal static unsafe partial class InheritedDescriptors
{
    private const int SetFlagsCommand = 2;
    private const nint CloseOnExec = 1;
    private const int SocketLevel = 1;
    private const int TypeOption = 3;
    private const int IsListenerOption = 30;
    private const int StreamType = 1;

    public static string? TargetOf(int descriptor) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}")).LinkTarget;

    /// <summary>All TCP sockets, and whether each is a listener.</summary>
    public static IReadOnlyList<(int Descriptor, bool IsListener)> Sockets() =>
    [
        .. All().Where(IsTcp)
            .Select(static descriptor => (descriptor, OptionOf(descriptor, IsListenerOption) == 1)),
    ];

    /// <summary>Child processes do not inherit it.</summary>
    public static void SetCloseOnExec(int descriptor) => _ = SetDescriptorFlags(descriptor, SetFlagsCommand, CloseOnExec);

    public static void Close(int descriptor) => _ = CloseCore(descriptor);

    private static List<int> All()
    {
        List<int> descriptors = [];
        foreach (string entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) && descriptor > 2)
            {
                descriptors.Add(descriptor);
            }
        }

        return descriptors;
    }

    private static bool IsTcp(int descriptor)
    {
        // A Unix socket has another family: the diagnostic port of the runtime, for example.
        ushort* address = stackalloc ushort[64];
        uint length = 128;
        return GetSocketName(descriptor, (byte*)address, &length) == 0
            && *address is 2 or 10
            && OptionOf(descriptor, TypeOption) == StreamType;
    }

    private static int OptionOf(int descriptor, int option)
    {
        int value;
        uint length = sizeof(int);
        return GetSocketOption(descriptor, SocketLevel, option, &value, &length) == 0 ? value : -1;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetDescriptorFlags(int descriptor, int command, nint flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseCore(int descriptor);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int GetSocketName(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetSocketOption(int descriptor, int level, int name, int* value, uint* length);
}
