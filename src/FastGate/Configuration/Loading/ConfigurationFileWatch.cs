namespace FastGate.Configuration.Loading;

/// <summary>
/// Tells when one of a few files has changed and come to rest. It looks at them instead of asking the system to be told: that
/// sees what a bind mount, a network share or a link swapped by an orchestrator changes, and needs none of the scarce inotify
/// instances. Used by one thread at a time.
/// </summary>
internal sealed class ConfigurationFileWatch
{
    private IReadOnlyList<string> _files = [];
    private (DateTime, long)[]? _seen;
    private (DateTime, long)[]? _handled;

    /// <summary>
    /// The files from now on. The first look after a new set counts as a change, because a file may have changed between
    /// being read and being watched; a reload that finds nothing new is silent.
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

    /// <summary>True once for each change, at the first look that finds the files as the look before did.</summary>
    public bool Poll()
    {
        (DateTime, long)[] now = [.. _files.Select(Stamp)];
        bool atRest = _seen is not null && now.AsSpan().SequenceEqual(_seen);
        _seen = now;
        if (!atRest || (_handled is not null && now.AsSpan().SequenceEqual(_handled)))
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
