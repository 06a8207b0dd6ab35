namespace FastGate.Tests.Transport;

/// <summary>Counts open descriptors of the kinds that transports open.</summary>
internal static class OpenDescriptors
{
    /// <summary>Sockets, epolls and eventfds. Files belong to the runtime.</summary>
    public static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Count(static path =>
        new FileInfo(path).LinkTarget is { } target
        && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal)));
}
