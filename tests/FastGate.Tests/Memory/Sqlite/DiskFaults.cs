using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace FastGate.Tests.Memory.Sqlite;

/// <summary>
/// Makes the system calls of SQLite fail or wait for the files below one directory, by the table of calls of its file system (sqlite3_vfs.xSetSystemCall).
/// It works for every user: root may write to files that have no permission to write. Calls for other files, of other tests, pass.
/// </summary>
internal sealed unsafe partial class DiskFaults : IDisposable
{
    public const int AccessDenied = 13;
    public const int InputOutput = 5;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int Quota = 122;

    /// <summary>Of x64 and Arm64 Linux: O_WRONLY, O_RDWR and O_CREAT.</summary>
    private const int WriteFlags = 0x1 | 0x2 | 0x40;

    private const int MayWrite = 2;

    private static readonly ConcurrentDictionary<string, DiskFaults> s_byDirectory = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<int, DiskFaults> s_byDescriptor = new();
    private static readonly delegate* unmanaged[Cdecl]<byte*, int, int, int> s_open;
    private static readonly delegate* unmanaged[Cdecl]<byte*, int, int> s_access;
    private static readonly delegate* unmanaged[Cdecl]<int, void*, nuint, long, nint> s_pwrite;

    private readonly string _directory;
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _openError;
    private volatile int _writeError;
    private volatile string _suffix = "";

    static DiskFaults()
    {
        SQLitePCL.Batteries_V2.Init();
        FileSystem* system = FindFileSystem(null);
        s_open = (delegate* unmanaged[Cdecl]<byte*, int, int, int>)Replace(system, "open\0"u8, (delegate* unmanaged[Cdecl]<byte*, int, int, int>)&Open);
        s_access = (delegate* unmanaged[Cdecl]<byte*, int, int>)Replace(system, "access\0"u8, (delegate* unmanaged[Cdecl]<byte*, int, int>)&Access);
        s_pwrite = (delegate* unmanaged[Cdecl]<int, void*, nuint, long, nint>)Replace(
            system, "pwrite\0"u8, (delegate* unmanaged[Cdecl]<int, void*, nuint, long, nint>)&Write);
    }

    public DiskFaults(string directory)
    {
        _directory = directory;
        s_byDirectory[directory] = this;
    }

    /// <summary>Completes when a write waits.</summary>
    public Task Waits => _waits.Task;

    /// <summary>From now on files whose name ends in <paramref name="suffix"/> cannot be opened for writing.</summary>
    public void FailOpening(int error, string suffix = "")
    {
        _suffix = suffix;
        _openError = error;
    }

    public void FailWriting(int error) => _writeError = error;

    public void HoldWrites() => _gate.Reset();

    public void Repair()
    {
        _openError = 0;
        _writeError = 0;
        _gate.Set();
    }

    public void Dispose()
    {
        Repair();
        s_byDirectory.TryRemove(_directory, out _);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(byte* path, int flags, int mode)
    {
        DiskFaults? faults = Of(path, out bool isMeant);
        if (faults is { _openError: > 0 and int error } && isMeant && (flags & WriteFlags) != 0)
        {
            return Fail(error);
        }

        int descriptor = s_open(path, flags, mode);
        int result = Marshal.GetLastSystemError();
        if (faults is not null && descriptor >= 0)
        {
            s_byDescriptor[descriptor] = faults;
        }
        else
        {
            s_byDescriptor.TryRemove(descriptor, out _);
        }

        Marshal.SetLastSystemError(result);
        return descriptor;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Access(byte* path, int mode) =>
        Of(path, out bool isMeant) is { _openError: > 0 and int error } && isMeant && (mode & MayWrite) != 0 ? Fail(error) : s_access(path, mode);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Write(int descriptor, void* data, nuint count, long offset)
    {
        if (s_byDescriptor.TryGetValue(descriptor, out DiskFaults? faults))
        {
            if (!faults._gate.IsSet)
            {
                faults._waits.TrySetResult();
                faults._gate.Wait();
            }

            if (faults._writeError is > 0 and int error)
            {
                return Fail(error);
            }
        }

        return s_pwrite(descriptor, data, count, offset);
    }

    private static int Fail(int error)
    {
        Marshal.SetLastSystemError(error);
        return -1;
    }

    private static DiskFaults? Of(byte* path, out bool isMeant)
    {
        string name = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path));
        DiskFaults? faults = Path.GetDirectoryName(name) is { } directory ? s_byDirectory.GetValueOrDefault(directory) : null;
        isMeant = faults is not null && name.EndsWith(faults._suffix, StringComparison.Ordinal);
        return faults;
    }

    private static void* Replace(FileSystem* system, ReadOnlySpan<byte> name, void* call)
    {
        fixed (byte* pointer = name)
        {
            void* before = system->GetSystemCall(system, pointer);
            Assert.Equal(0, system->SetSystemCall(system, pointer, call));
            return before;
        }
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial FileSystem* FindFileSystem(byte* name);

    /// <summary>Of sqlite3_vfs: two numbers, a length, a link, a name, data, and functions, the last of them for system calls.</summary>
    [StructLayout(LayoutKind.Explicit)]
    private struct FileSystem
    {
        [FieldOffset(18 * 8)]
        public delegate* unmanaged[Cdecl]<FileSystem*, byte*, void*, int> SetSystemCall;

        [FieldOffset(19 * 8)]
        public delegate* unmanaged[Cdecl]<FileSystem*, byte*, void*> GetSystemCall;
    }
}
