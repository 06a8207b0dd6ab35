using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Memory.Sqlite;

/// <summary>
/// Keeps a second server away from a database: two writers would erase, summarize and number turns without knowing of each other. The lock is an
/// advisory lock on a file beside the database, which the system releases when the process ends, however it ends. The file stays, because
/// deleting it would race with the next holder. It contains who holds the lock.
/// </summary>
internal sealed partial class DatabaseLock : IDisposable
{
    private const int MaxHolder = 512;
    private const int CloseOnExec = 0x80000;

    /// <summary>EWOULDBLOCK of Linux and of macOS, and ERROR_SHARING_VIOLATION of Windows: the file is locked.</summary>
    private static readonly int[] s_locked = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private DatabaseLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>The locked file, which must stay open for as long as the database is used.</summary>
    public int Descriptor => (int)_file.SafeFileHandle.DangerousGetHandle();

    /// <summary>Uses the lock that this process had before its program was replaced.</summary>
    public static DatabaseLock Adopt(int descriptor) =>
        new(new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 1));

    /// <summary>
    /// Throws <see cref="DatabaseInUseException"/> when another holder exists, another <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> when the file cannot be created.
    /// </summary>
    public static DatabaseLock Take(string database)
    {
        string path = PathOf(database);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStream file;
        try
        {
            // No sharing means flock(LOCK_EX) on Unix. The runtime opens with O_CLOEXEC: a child process does not inherit the lock.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException exception) when (s_locked.Contains(exception.HResult))
        {
            throw new DatabaseInUseException(Path.GetFullPath(database), ReadHolder(path), exception);
        }

        WriteHolder(file);
        return new DatabaseLock(file);
    }

    /// <summary>
    /// Takes the lock, or shares that of the process which has passed a descriptor of it: the system releases it when both have closed theirs. The
    /// descriptor belongs to this call.
    /// </summary>
    public static DatabaseLock TakeOrShare(string database, int passed)
    {
        var lent = new FileStream(new SafeFileHandle(passed, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 1);
        try
        {
            DatabaseLock own = Take(database);
            lent.Dispose();
            return own;
        }
        catch (DatabaseInUseException) when (ReadHolder(PathOf(database)) is string holder && holder == ReadHolder(lent.SafeFileHandle))
        {
            WriteHolder(lent);
            return new DatabaseLock(lent);
        }
        catch
        {
            lent.Dispose();
            throw;
        }
    }

    private static void WriteHolder(FileStream file)
    {
        try
        {
            byte[] holder = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName}, started {DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}"));

            // Never empty in between: a process that ends here must leave a text by which the next one knows the file (TakeOrShare).
            file.Position = 0;
            file.Write(holder);
            file.SetLength(holder.Length);
            file.Flush();
        }
        catch (IOException)
        {
            // A full disk takes the name of the holder, not the lock.
        }
    }

    /// <summary>A link and its target are one database.</summary>
    internal static string PathOf(string database)
    {
        var file = new FileInfo(Path.GetFullPath(database));
        return $"{(file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)!).FullName}.lock";
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Null where the system does not let a locked file be read. <see cref="FileStream"/> asks for a lock at each opening, even to read, so the
    /// file is opened without it.
    /// </summary>
    private static string? ReadHolder(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        using SafeFileHandle file = Open(path, CloseOnExec);
        return file.IsInvalid ? null : ReadHolder(file);
    }

    private static string? ReadHolder(SafeFileHandle file)
    {
        byte[] text = new byte[MaxHolder];
        int length = RandomAccess.Read(file, text, 0);
        return length == 0 ? null : Encoding.UTF8.GetString(text, 0, length);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
