using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace FastGate.Hosting.Commands;

/// <summary>
/// Where the server that runs in a working directory answers HTTP, told to the <c>healthcheck</c> command by a file outside that directory: the
/// configuration may have changed since the start, and its arguments are known to the server alone.
/// </summary>
/// <remarks>
/// One file a working directory: servers that share one would share a database, and the last to start is the one that is told. A file left by a
/// server that was killed is recognised by its process, which has gone.
/// </remarks>
internal sealed class PublishedAddress : IDisposable
{
    private readonly string? _path;
    private readonly string _content;

    private PublishedAddress(string? path, string content)
    {
        _path = path;
        _content = content;
    }

    /// <summary>Where nothing can be written nothing is told, and the configuration is all the probe has.</summary>
    public static PublishedAddress Publish(IPEndPoint endPoint, IEnumerable<string>? directories = null)
    {
        string content = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {endPoint}");
        foreach (string directory in directories ?? Directories())
        {
            string path = PathIn(directory);
            string aside = $"{path}.{Guid.NewGuid():N}";
            try
            {
                // Others may write there too: a name nobody can have prepared, and a move that follows no link.
                using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
                {
                    file.Write(Encoding.UTF8.GetBytes(content));
                }

                File.Move(aside, path, overwrite: true);
                return new PublishedAddress(path, content);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Remove(aside);
            }
        }

        return new PublishedAddress(null, content);
    }

    /// <summary>Null when no server that lives has told.</summary>
    public static IPEndPoint? Find(IEnumerable<string>? directories = null)
    {
        foreach (string directory in directories ?? Directories())
        {
            try
            {
                if (File.ReadAllText(PathIn(directory)).Split(' ') is [var process, var address]
                    && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                    && IsAlive(id)
                    && IPEndPoint.TryParse(address, out IPEndPoint? endPoint))
                {
                    return endPoint;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not told here.
            }
        }

        return null;
    }

    /// <summary>Takes back what was told, unless a successor has told something else.</summary>
    public void Dispose()
    {
        try
        {
            if (_path is not null && File.ReadAllText(_path) == _content)
            {
                File.Delete(_path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file too many harms nobody.
        }
    }

    /// <summary>The second is memory that a container can write to even where all its files are read-only.</summary>
    private static string[] Directories() => OperatingSystem.IsLinux() ? [Path.GetTempPath(), "/dev/shm"] : [Path.GetTempPath()];

    private static string PathIn(string directory)
    {
        byte[] name = SHA256.HashData(Encoding.UTF8.GetBytes(Directory.GetCurrentDirectory()));
        return Path.Combine(directory, $"fastgate-{Convert.ToHexStringLower(name.AsSpan(0, 8))}");
    }

    private static bool IsAlive(int processId) => !OperatingSystem.IsLinux() || Directory.Exists($"/proc/{processId}");

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It was never there.
        }
    }
}
