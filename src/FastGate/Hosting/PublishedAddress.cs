using System.Globalization;
using System.Net;
using FastGate.Memory;

namespace FastGate.Hosting;

/// <summary>
/// The file in which a running server publishes its HTTP and admin addresses for the commands <c>healthcheck</c> and <c>restart</c>: one for each
/// working directory. Only the server knows its arguments, and its configuration may have changed since the start.
/// </summary>
internal static class PublishedAddress
{
    // Memory that a container can write to even when all of its files are read-only.
    private const string SharedMemory = "/dev/shm";

    private static readonly string s_defaultDirectory = Directory.Exists(SharedMemory) ? SharedMemory : Path.GetTempPath();

    /// <summary>Where the file cannot be written, the command uses the configuration.</summary>
    public static void Publish(IPEndPoint http, IPEndPoint admin, string? directory = null) => Try(
        path =>
        {
            // Other users may write to the directory: a random name cannot exist yet, and a move replaces a link instead of following it.
            string temporary = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, $"{http}\n{admin}");
            File.Move(temporary, path, overwrite: true);
            return http;
        },
        directory);

    /// <summary>Null when no address is published. The server may have been killed since: then the address does not answer.</summary>
    public static IPEndPoint? Find(string? directory = null) => Try(static path => Line(path, 0), directory);

    public static IPEndPoint? FindAdmin(string? directory = null) => Try(static path => Line(path, 1), directory);

    public static void Withdraw(string? directory = null) => Try(
        static path =>
        {
            File.Delete(path);
            return null;
        },
        directory);

    private static IPEndPoint? Line(string path, int number) =>
        File.ReadAllText(path).Split('\n') is var lines && lines.Length > number && IPEndPoint.TryParse(lines[number], out IPEndPoint? endPoint) ? endPoint : null;

    private static IPEndPoint? Try(Func<string, IPEndPoint?> action, string? directory)
    {
        try
        {
            return action(Path.Combine(directory ?? s_defaultDirectory, $"fastgate-{NameOf(Directory.GetCurrentDirectory())}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A hash of the framework that is the same in each process would load OpenSSL before the server listens.</summary>
    private static string NameOf(string directory) => StableHash.Of(directory).ToString("x16", CultureInfo.InvariantCulture);
}
