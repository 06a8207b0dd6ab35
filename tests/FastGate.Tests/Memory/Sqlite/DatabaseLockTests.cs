using System.Globalization;
using FastGate.Memory.Sqlite;

namespace FastGate.Tests.Memory.Sqlite;

public sealed class DatabaseLockTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-lock-").FullName;

    private string Database => Path.Combine(_directory, "data", "fastgate.db");

    [Fact]
    public void Second_holder_is_refused_and_the_first_is_named()
    {
        using var holder = DatabaseLock.Take(Database);

        DatabaseInUseException refusal = Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Take(Database));

        Assert.Contains(Database, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName}, started 20", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("FastGate:Memory:Path", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_database_can_be_locked_again()
    {
        DatabaseLock.Take(Database).Dispose();
        DatabaseLock.Take(Database).Dispose();
        Assert.True(File.Exists(DatabaseLock.PathOf(Database)));
    }

    [Fact]
    public void A_link_and_its_target_are_one_database()
    {
        string link = Path.Combine(_directory, "link.db");
        File.CreateSymbolicLink(link, Database);
        using var holder = DatabaseLock.Take(Database);

        Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Take(link));
    }

    [Fact]
    public void Databases_beside_each_other_are_independent()
    {
        using var first = DatabaseLock.Take(Database);
        using var second = DatabaseLock.Take(Database + "2");
    }

    [Fact]
    public void A_file_that_cannot_be_created_is_another_failure()
    {
        string file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");

        Assert.IsNotType<DatabaseInUseException>(Assert.ThrowsAny<IOException>(() => DatabaseLock.Take(Path.Combine(file, "fastgate.db"))));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
