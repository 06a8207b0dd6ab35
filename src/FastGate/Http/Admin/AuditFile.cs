using System.Text;
using System.Text.Json;

namespace FastGate.Http.Admin;

/// <summary>
/// The acts as JSON lines in a file that outlives the process, readable by its owner only. It is opened for each line, so that it may be moved away at any
/// time. A line reaches the kernel before the act is answered: the end of the process loses none, a loss of power may lose the last seconds. At
/// <see cref="MaxBytes"/> the file is renamed to <c>audit.1.ndjson</c>, and so on; the last <see cref="KeptFiles"/> are kept beside it. One thread at a time.
/// </summary>
internal sealed class AuditFile(string folder, long maxBytes = AuditFile.MaxBytes)
{
    public const long MaxBytes = 8 * 1024 * 1024;
    public const int KeptFiles = 4;

    public void Append(AuditRecord act)
    {
        Directory.CreateDirectory(folder);
        string path = PathOf(0);
        if (File.Exists(path) && new FileInfo(path).Length >= maxBytes)
        {
            Rotate();
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(act, AdminJson.Default.AuditRecord), (byte)'\n'];
        file.Write(EndsInsideALine(file) ? [(byte)'\n', .. line] : line);
    }

    /// <summary>The last acts, oldest first. Lines that are not whole are left out.</summary>
    public List<AuditRecord> ReadLast(int most)
    {
        List<AuditRecord> acts = [];
        for (int number = 0; number <= KeptFiles && acts.Count < most && File.Exists(PathOf(number)); number++)
        {
            acts.InsertRange(0, File.ReadLines(PathOf(number), Encoding.UTF8).TakeLast(most - acts.Count).Select(TryParse).OfType<AuditRecord>());
        }

        return acts;
    }

    private string PathOf(int number) => Path.Combine(folder, number == 0 ? "audit.ndjson" : $"audit.{number}.ndjson");

    private void Rotate()
    {
        for (int number = KeptFiles; number > 0; number--)
        {
            if (File.Exists(PathOf(number - 1)))
            {
                File.Move(PathOf(number - 1), PathOf(number), overwrite: true);
            }
        }
    }

    /// <summary>A process that was killed, or a full disk, may have left a part of a line.</summary>
    private static bool EndsInsideALine(FileStream file)
    {
        if (file.Seek(0, SeekOrigin.End) == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    private static AuditRecord? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AdminJson.Default.AuditRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
