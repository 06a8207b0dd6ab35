namespace FastGate.Transport.Linux;

/// <summary>
/// The epolls of the .NET runtime, which watch its sockets. The runtime relies on close to end that, but a socket with another owner outlives the
/// close: its events would continue here, and the socket could not be watched again under the same number.
/// </summary>
internal static class RuntimeEpolls
{
    /// <summary>The runtime opens its epolls with its first socket, so they exist before a socket can be given away.</summary>
    private static readonly Lazy<int[]> s_epolls = new(Find);

    /// <summary>Looks for the epolls, which takes time with many descriptors. Any thread.</summary>
    public static void Prepare() => _ = s_epolls.Value;

    /// <summary>Ends the reports about a descriptor. Any thread.</summary>
    public static void Remove(int descriptor)
    {
        foreach (int epoll in s_epolls.Value)
        {
            // An error means that this one does not watch it.
            LinuxEpoll.Remove(epoll, descriptor);
        }
    }

    private static int[] Find()
    {
        try
        {
            return [.. Directory.GetFileSystemEntries("/proc/self/fd").Where(IsEpoll).Select(static path => int.Parse(Path.GetFileName(path), null))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsEpoll(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget == "anon_inode:[eventpoll]";
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return false;
        }
    }
}
