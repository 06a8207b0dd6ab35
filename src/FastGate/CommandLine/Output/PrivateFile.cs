namespace FastGate.CommandLine.Output;

/// <summary>A file that only its owner can read, for what devices and users have said.</summary>
internal static class PrivateFile
{
    /// <summary>Creates the file, or replaces its content.</summary>
    public static StreamWriter Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(new FileStream(path, options));
    }
}
