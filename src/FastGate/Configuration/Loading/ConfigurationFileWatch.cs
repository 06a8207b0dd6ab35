namespace FastGate.Configuration.Loading;

/// <summary>
/// Reports when one of a few files has changed and is stable. It polls instead of subscribing: polling sees changes of a bind mount, a network
/// share or a link that an orchestrator replaces, and needs no inotify instance. Used by one thread at a time.
/// </summary>
internal sealed class ConfigurationFileWatch
{
    private IReadOnlyList<string> _files = [];
    private (DateTime, long)[]? _seen;
    private (DateTime, long)[]? _handled;

    /// <summary>
    /// Replaces the set of files. The first poll of a new set reports a change, because a file may have changed between being read and being
    /// watched; a reload that finds no difference is silent.
    /// </summary>
    public void Watch(IReadOnlyList<string> files)
    {
        if (!files.SequenceEqual(_files))
        {
            _files = [.. files];
            _seen = null;
            _handled = null;
        }
    }

    /// <summary>True once for each change, at the first poll that finds the files as the poll before did.</summary>
    public bool Poll()
    {
        (DateTime, long)[] now = [.. _files.Select(Stamp)];
        bool isStable = _seen is not null && now.AsSpan().SequenceEqual(_seen);
        _seen = now;
        if (!isStable || (_handled is not null && now.AsSpan().SequenceEqual(_handled)))
        {
            return false;
        }

        _handled = now;
        return true;
    }

    private static (DateTime, long) Stamp(string path)
    {
        try
        {
            FileSystemInfo file = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            return file is FileInfo { Exists: true } info ? (info.LastWriteTimeUtc, info.Length) : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
