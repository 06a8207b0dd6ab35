using System.Text.Json;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Http;

/// <summary>The file of the audit log.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-audit-").FullName;
    private readonly RecordingLogger<AuditFileTests> _log = new();
    private readonly ManualTimeProvider _time = new();

    private string Folder => Path.Combine(_directory, "audit");

    private string Current => Path.Combine(Folder, "audit.ndjson");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Acts_are_listed_by_the_next_process_and_their_numbers_continue()
    {
        AuditLog before = Start();
        Add(before, "kick", "灯-1");
        Add(before, "ban", null);

        AuditLog next = Start();
        Assert.Equal(["ban", "kick"], next.Page(null, 10).Acts.Select(static act => act.Act));
        Add(next, "unban", "x");

        AuditPage page = next.Page(null, 10);
        Assert.Equal([(3L, "unban"), (2L, "ban"), (1L, "kick")], page.Acts.Select(static act => (act.Id, act.Act)));
        Assert.Equal((3, AdminRole.Operate, "灯-1"), (page.Total, page.Acts[2].Role, page.Acts[2].Target));
        Assert.Equal(before.Page(null, 10).Acts, page.Acts.Skip(1));
    }

    [Fact]
    public void Lines_are_json_that_only_the_owner_reads()
    {
        Add(Start(), "kick", "lamp\n");

        JsonElement line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(Current))).RootElement;
        Assert.Equal(
            ["id", "at", "role", "address", "act", "target", "status", "outcome", "requestId"],
            line.EnumerateObject().Select(static property => property.Name));
        Assert.Equal(@"lamp\x0A", line.GetProperty("target").GetString());
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Current) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), "only the owner reads it");
    }

    /// <summary>A kill in the middle of a write leaves a part of a line.</summary>
    [Fact]
    public void Part_of_a_line_is_left_out_and_does_not_damage_the_next_one()
    {
        Add(Start(), "first", null);
        File.AppendAllText(Current, """{"id":2,"at":"2026""");
        AuditLog log = Start();
        Add(log, "third", null);

        Assert.Equal(["third", "first"], Start().Page(null, 10).Acts.Select(static act => act.Act));
        Assert.Equal(3, File.ReadAllLines(Current).Length);
    }

    [Fact]
    public void File_is_renamed_at_its_bound_and_the_oldest_is_deleted()
    {
        var file = new AuditFile(Folder, maxBytes: 1);
        for (int i = 1; i <= AuditFile.KeptFiles + 4; i++)
        {
            file.Append(Record(i));
        }

        Assert.Equal(AuditFile.KeptFiles + 1, Directory.GetFiles(Folder).Length);
        Assert.Equal([4, 5, 6, 7, 8], file.ReadLast(10).Select(static act => (int)act.Id));
        Assert.Equal([7, 8], file.ReadLast(2).Select(static act => (int)act.Id));
    }

    [Fact]
    public void No_more_than_the_last_acts_are_read()
    {
        var file = new AuditFile(Folder);
        for (int i = 1; i <= AuditLog.Capacity + 5; i++)
        {
            file.Append(Record(i));
        }

        AuditPage page = Start().Page(null, AuditLog.Capacity + 100);
        Assert.Equal((AuditLog.Capacity, AuditLog.Capacity + 5L, 6L), (page.Acts.Count, page.Total, page.Acts[^1].Id));
    }

    [Fact]
    public void Folder_that_cannot_be_used_is_logged_once_and_acts_are_still_listed()
    {
        File.WriteAllText(Folder, "a file in the place of the folder");
        AuditLog log = Start();
        Add(log, "one", null);
        Add(log, "two", null);
        Assert.Equal(["two", "one"], log.Page(null, 10).Acts.Select(static act => act.Act));
        Assert.Equal((1, 0), (_log.Count(7473), _log.Count(7474)));

        File.Delete(Folder);
        Add(log, "three", null);

        Assert.Equal(1, _log.Count(7474));
        Assert.Equal(3, Start().Page(null, 10).Acts.Single().Id);
    }

    private static void Add(AuditLog log, string act, string? target) =>
        log.Add(new AdminCaller(AdminRole.Operate, "127.0.0.1"), act, target, 200, "done", "r");

    private AuditRecord Record(int id) => new(id, _time.GetUtcNow(), AdminRole.Operate, "127.0.0.1", "act", null, 200, "done", "r");

    /// <summary>A process with this folder.</summary>
    private AuditLog Start() => new(_log, _time, new AuditFile(Folder));
}
