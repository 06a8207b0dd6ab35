using FastGate.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace FastGate.Fleet;

/// <summary>Bans, tags and kinds of devices in the database of the memory, in tables of their own.</summary>
/// <param name="path">The database of the memory.</param>
/// <param name="lockTimeoutSeconds">How long a call waits for another writer.</param>
internal sealed class SqliteFleetStore(string path, int lockTimeoutSeconds = 5) : IFleetStore
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS bans(id INTEGER PRIMARY KEY, device_id TEXT, address TEXT, at INTEGER NOT NULL, until INTEGER, reason TEXT);
        CREATE TABLE IF NOT EXISTS device_tags(device_id TEXT PRIMARY KEY, tags TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS device_kinds(device_id TEXT PRIMARY KEY, firmware TEXT, board TEXT, reported_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS device_clients(device_id TEXT PRIMARY KEY, client INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteFile _file = new(path, Schema, lockTimeoutSeconds);

    public bool IsDurable => true;

    public (IReadOnlyList<Ban> Bans, IReadOnlyList<KeyValuePair<string, string[]>> Tags) Load() => (
        _file.Read("bans", "SELECT id,device_id,address,at,until,reason FROM bans ORDER BY id", BanOf),
        _file.Read(
            "device_tags",
            "SELECT device_id,tags FROM device_tags",
            static row => new KeyValuePair<string, string[]>(row.GetString(0), row.GetString(1).Split(' '))));

    public void Change(Ban? added, IReadOnlyList<long> removed) => _file.Write(connection =>
    {
        foreach (long id in removed)
        {
            connection.Execute("DELETE FROM bans WHERE id=@id", ("@id", id));
        }

        if (added is not null)
        {
            connection.Execute(
                "INSERT INTO bans(id,device_id,address,at,until,reason) VALUES(@id,@device,@address,@at,@until,@reason)",
                ("@id", added.Id),
                ("@device", OrNull(added.Device)),
                ("@address", OrNull(added.Range?.ToString())),
                ("@at", added.At.ToUnixTimeMilliseconds()),
                ("@until", OrNull(added.Until?.ToUnixTimeMilliseconds())),
                ("@reason", OrNull(added.Reason)));
        }
    });

    public void SetTags(string deviceId, string[] tags) => _file.Write(connection => connection.Execute(
        tags.Length == 0 ? "DELETE FROM device_tags WHERE device_id=@device" : "INSERT OR REPLACE INTO device_tags(device_id,tags) VALUES(@device,@tags)",
        ("@device", deviceId), ("@tags", string.Join(' ', tags))));

    public IReadOnlyList<KeyValuePair<string, long>> LoadClients(int most) => _file.Read(
        "device_clients",
        "SELECT device_id,client FROM device_clients LIMIT @most",
        static row => new KeyValuePair<string, long>(row.GetString(0), row.GetInt64(1)),
        ("@most", most));

    public void SaveClients(IReadOnlyList<KeyValuePair<string, long>> clients) => _file.Write(connection =>
    {
        using SqliteCommand save = connection.Prepare("INSERT OR REPLACE INTO device_clients(device_id,client) VALUES(@device,@client)", "@device", "@client");
        foreach ((string device, long client) in clients)
        {
            save.With(device, client).ExecuteNonQuery();
        }
    });

    public IReadOnlyList<DeviceKind> LoadKinds(int most) => _file.Read(
        "device_kinds",
        "SELECT device_id,firmware,board,reported_at FROM (SELECT * FROM device_kinds ORDER BY reported_at DESC LIMIT @most) ORDER BY reported_at",
        static row => new DeviceKind(row.GetString(0), TextOrNull(row, 1), TextOrNull(row, 2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))),
        ("@most", most));

    public void SaveKinds(IReadOnlyList<DeviceKind> kinds, int most) => _file.Write(connection =>
    {
        using SqliteCommand save = connection.Prepare(
            "INSERT OR REPLACE INTO device_kinds(device_id,firmware,board,reported_at) VALUES(@device,@firmware,@board,@at)",
            "@device", "@firmware", "@board", "@at");
        foreach (DeviceKind kind in kinds)
        {
            save.With(kind.DeviceId, OrNull(kind.Firmware), OrNull(kind.Board), kind.ReportedAt.ToUnixTimeMilliseconds()).ExecuteNonQuery();
        }

        long beyond = connection.Read<long>("SELECT count(*) FROM device_kinds") - most;
        if (beyond > 0)
        {
            connection.Execute(
                "DELETE FROM device_kinds WHERE device_id IN (SELECT device_id FROM device_kinds ORDER BY reported_at LIMIT @beyond)", ("@beyond", beyond));
        }
    });

    private static object OrNull(object? value) => value ?? DBNull.Value;

    private static string? TextOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Ban BanOf(SqliteDataReader row) => new(
        row.GetInt64(0),
        TextOrNull(row, 1),
        !row.IsDBNull(2) && AddressRange.TryParse(row.GetString(2), out AddressRange range) ? range : null,
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
        TextOrNull(row, 5));
}
