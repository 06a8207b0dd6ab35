namespace FastGate.Tests.Transport;

/// <summary>What the process has open of the kinds that transports open.</summary>
internal static class OpenDescriptors
{
    /// <summary>Sockets, epolls and eventfds; files are the runtime's.</summary>
    public static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Count(static path =>
        new FileInfo(path).LinkTarget is { } target
        && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal)));
}
