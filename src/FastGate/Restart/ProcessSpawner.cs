using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>
/// Starts a process in its own session with its standard streams on <c>/dev/null</c>, so that no terminal can stop it or hang it up.
/// <see cref="System.Diagnostics.Process"/> supports neither, so this calls <c>posix_spawn</c>, which glibc and musl both have.
/// </summary>
internal static unsafe partial class ProcessSpawner
{
    // Larger than posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t of any supported system.
    private const int OpaqueSize = 1024;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;
    private const int ReadWrite = 2;
    private const int StandardStreams = 3;
    private const int SetFlagsCommand = 2;
    private const nint CloseOnExec = 1;

    /// <summary>0 and the process id of the child, or the system's error number.</summary>
    /// <remarks>
    /// All descriptors of this process are made close-on-exec, inherited ones included. The child has only its three streams and
    /// <paramref name="passed"/>, with the number <paramref name="passedAs"/>.
    /// </remarks>
    public static int Spawn(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int passed, int passedAs, out int processId)
    {
        SetCloseOnExec();
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        byte* noSignals = stackalloc byte[OpaqueSize];
        new Span<byte>(noSignals, OpaqueSize).Clear();
        byte** argv = ToNative(arguments);
        byte** envp = ToNative(environment);
        int error = Initialize(attributes);
        int actionsError = InitializeActions(actions);
        processId = 0;
        try
        {
            error = FirstOf(error, actionsError, SetFlags(attributes, SetSession | SetSignalMask), SetMask(attributes, noSignals));

            // Before the streams are opened: if a stream of this process is closed, the passed descriptor may have its number.
            error = error != 0 ? error : AddDuplicate(actions, passed, passedAs);
            for (int stream = 0; stream < StandardStreams && error == 0; stream++)
            {
                error = AddOpen(actions, stream, "/dev/null", ReadWrite, 0);
            }

            return error != 0 ? error : SpawnCore(out processId, path, actions, attributes, argv, envp);
        }
        finally
        {
            _ = DestroyActions(actions);
            _ = Destroy(attributes);
            Free(argv);
            Free(envp);
        }
    }

    private static void SetCloseOnExec()
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)
                && descriptor >= StandardStreams)
            {
                // The descriptor may have been closed or reused since it was listed; both are harmless.
                _ = SetDescriptorFlags(descriptor, SetFlagsCommand, CloseOnExec);
            }
        }
    }

    private static int FirstOf(params ReadOnlySpan<int> errors)
    {
        foreach (int error in errors)
        {
            if (error != 0)
            {
                return error;
            }
        }

        return 0;
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

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnCore(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetDescriptorFlags(int descriptor, int command, nint flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int Initialize(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int Destroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* mask);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int number);
}
