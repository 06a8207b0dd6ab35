using System.Collections;
using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>
/// Replaces the program of this process by <c>execve</c>: the process id, the descriptors without close-on-exec, the working directory and the
/// standard streams stay; threads and memory end.
/// </summary>
internal static unsafe partial class ProgramReplacement
{
    private const int SetFlagsCommand = 2;
    private const nint CloseOnExec = 1;
    private const int SetMask = 2;

    /// <summary>Returns only when it fails, with the system's error number; then everything is as before.</summary>
    /// <param name="image">The program to run.</param>
    /// <param name="ticket">Names the memory file with the state, which stays open.</param>
    /// <param name="descriptors">What else stays open, apart from the standard streams. All others have close-on-exec.</param>
    public static int Execute(ProgramImage image, StateTicket ticket, IReadOnlyList<int> descriptors)
    {
        using var quiet = new QuietSignals();
        byte* path = (byte*)Marshal.StringToCoTaskMemUTF8(image.Path);
        byte** argv = ToNative(image.Arguments);
        byte** envp = ToNative(EnvironmentWith(ticket with { IgnoredSignals = quiet.Ignored }));
        try
        {
            // The new program inherits the mask of the calling thread.
            byte* none = stackalloc byte[QuietSignals.OpaqueSize];
            new Span<byte>(none, QuietSignals.OpaqueSize).Clear();
            _ = SetSignalMask(SetMask, none, null);
            SetFlags(ticket.Descriptor, descriptors, 0);
            return ExecuteCore(path, argv, envp) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        finally
        {
            SetFlags(ticket.Descriptor, descriptors, CloseOnExec);
            Marshal.FreeCoTaskMem((nint)path);
            Free(argv);
            Free(envp);
        }
    }

    private static IReadOnlyList<string> EnvironmentWith(StateTicket ticket) =>
    [
        .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(static entry => (string)entry.Key != StateTicket.Variable)
            .Select(static entry => $"{entry.Key}={entry.Value}"),
        $"{StateTicket.Variable}={ticket}",
    ];

    private static void SetFlags(int state, IReadOnlyList<int> descriptors, nint flags)
    {
        _ = SetDescriptorFlags(state, SetFlagsCommand, flags);
        foreach (int descriptor in descriptors)
        {
            _ = SetDescriptorFlags(descriptor, SetFlagsCommand, flags);
        }
    }

    private static byte** ToNative(IReadOnlyList<string> values)
    {
        byte** array = (byte**)NativeMemory.AllocZeroed((nuint)values.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < values.Count; i++)
        {
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(values[i]);
        }

        return array;
    }

    private static void Free(byte** array)
    {
        for (byte** item = array; *item is not null; item++)
        {
            Marshal.FreeCoTaskMem((nint)(*item));
        }

        NativeMemory.Free(array);
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    private static partial int ExecuteCore(byte* path, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetDescriptorFlags(int descriptor, int command, nint flags);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetSignalMask(int how, byte* mask, byte* old);
}
