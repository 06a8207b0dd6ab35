using System.Globalization;

namespace FastGate.Memory.Postgres;

/// <summary>The statements of one set of tables. Their names begin with the prefix, which needs no quotes.</summary>
internal sealed class PostgresTables
{
    /// <summary>How long an erasure is known to servers that could not reach the database meanwhile.</summary>
    private const long KeepErasuresDays = 30;

    private const string NowMicroseconds = "(extract(epoch from clock_timestamp())*1000000)::bigint";

    public PostgresTables(string prefix)
    {
        // Appends and summaries share the lock; an erasure has it alone. So an erasure sees every turn that was stored before it, every later append
        // sees the erasure, and the numbers of erasures become visible in their order.
        string erasureLock = Key("erasures", prefix);
        Share = $"SELECT pg_advisory_xact_lock_shared({erasureLock})";
        Exclude = $"SELECT pg_advisory_xact_lock({erasureLock})";
        ExcludeUpgrades = $"SELECT pg_advisory_xact_lock({Key("schema", prefix)})";

        // Reads the catalog's table: to_regclass may answer from a cache that does not have what another server has just created.
        HasVersion = $"SELECT EXISTS(SELECT FROM pg_class WHERE relname='{prefix}schema' AND pg_table_is_visible(oid))";
        Version = $"SELECT max(version) FROM {prefix}schema";
        FirstVersion = $"""
            CREATE TABLE {prefix}schema(version integer NOT NULL);
            CREATE TABLE {prefix}turns(
              id bigint NOT NULL,
              device_id text NOT NULL,
              session_id text NOT NULL,
              at bigint NOT NULL,
              user_text text NOT NULL,
              assistant_text text NOT NULL,
              PRIMARY KEY(device_id,id));
            CREATE INDEX {prefix}turns_by_time ON {prefix}turns(at);
            CREATE TABLE {prefix}summaries(
              device_id text PRIMARY KEY,
              text text NOT NULL,
              covers_to bigint NOT NULL,
              at bigint NOT NULL);
            CREATE TABLE {prefix}erasures(
              number bigint PRIMARY KEY,
              device_id text NOT NULL,
              node bigint NOT NULL,
              request bigint NOT NULL,
              UNIQUE(node,request));
            INSERT INTO {prefix}schema VALUES(1);
            """;
        Start = $"SELECT {NowMicroseconds}-$1,(SELECT coalesce(max(at),0) FROM {prefix}turns)";
        Erasures = $"SELECT number,device_id,node FROM {prefix}erasures WHERE number>$1 ORDER BY number";
        Append = $"""
            INSERT INTO {prefix}turns(id,device_id,session_id,at,user_text,assistant_text)
            SELECT * FROM unnest($1,$2,$3,$4,$5,$6)
            WHERE NOT EXISTS(SELECT FROM {prefix}erasures WHERE number>$7)
            ON CONFLICT(device_id,id) DO NOTHING
            """;
        NotStored = $"""
            SELECT n.position FROM unnest($1,$2,$3,$4,$5) WITH ORDINALITY AS n(id,device_id,session_id,at,user_text,position)
            WHERE NOT EXISTS(
              SELECT FROM {prefix}turns t
              WHERE t.device_id=n.device_id AND t.id=n.id AND t.session_id=n.session_id AND t.at=n.at AND t.user_text=n.user_text)
            """;
        SaveSummary = $"""
            INSERT INTO {prefix}summaries AS s(device_id,text,covers_to,at) SELECT $1,$2,$3,$4
            WHERE EXISTS(SELECT FROM {prefix}turns WHERE device_id=$1 AND id=$3)
              AND coalesce((SELECT covers_to FROM {prefix}summaries WHERE device_id=$1),0) IN ($5,$3)
            ON CONFLICT(device_id) DO UPDATE SET text=excluded.text,covers_to=excluded.covers_to,at=excluded.at WHERE s.covers_to IN ($5,$3)
            """;
        ForgetErasures = string.Create(
            CultureInfo.InvariantCulture, $"DELETE FROM {prefix}erasures WHERE number<{NowMicroseconds}-{KeepErasuresDays * 86_400_000_000}");

        // A repeated request, whose first attempt was committed without an answer, changes nothing. The number is a time, so that numbers also grow
        // over the loss of the last transactions at a failover.
        Erase = $"""
            WITH erasure AS (
              INSERT INTO {prefix}erasures(number,device_id,node,request)
              SELECT greatest({NowMicroseconds},coalesce((SELECT max(number) FROM {prefix}erasures),0)+1),$1,$2,$3
              ON CONFLICT(node,request) DO NOTHING RETURNING 1),
            summary AS (DELETE FROM {prefix}summaries WHERE device_id=$1 AND EXISTS(SELECT FROM erasure)),
            turns AS (DELETE FROM {prefix}turns WHERE device_id=$1 AND EXISTS(SELECT FROM erasure) RETURNING 1)
            SELECT count(*) FROM turns
            """;

        // Another server may delete the same turns now.
        DeleteOldTurns = $"DELETE FROM {prefix}turns WHERE ctid=ANY(ARRAY(SELECT ctid FROM {prefix}turns WHERE at<$1 LIMIT $2 FOR UPDATE SKIP LOCKED))";
        DeleteOldSummaries = $"DELETE FROM {prefix}summaries WHERE at<$1";
        Summary = $"SELECT text,covers_to,at FROM {prefix}summaries WHERE device_id=$1";
        Last = $"SELECT id,session_id,at,user_text,assistant_text FROM {prefix}turns WHERE device_id=$1 ORDER BY id DESC LIMIT $2";
        After = $"SELECT id,session_id,at,user_text,assistant_text FROM {prefix}turns WHERE device_id=$1 AND id>$3 ORDER BY id LIMIT $2";
    }

    public string Share { get; }

    public string Exclude { get; }

    public string ExcludeUpgrades { get; }

    public string HasVersion { get; }

    public string Version { get; }

    public string FirstVersion { get; }

    /// <summary>The number of an erasure that would have been made some time ago, and the time of the last turn.</summary>
    public string Start { get; }

    public string Erasures { get; }

    public string Append { get; }

    public string NotStored { get; }

    public string SaveSummary { get; }

    public string ForgetErasures { get; }

    public string Erase { get; }

    public string DeleteOldTurns { get; }

    public string DeleteOldSummaries { get; }

    public string Summary { get; }

    public string Last { get; }

    public string After { get; }

    /// <summary>The key of an advisory lock.</summary>
    private static string Key(string purpose, string prefix) =>
        unchecked((long)StableHash.Of($"fastgate:{purpose}:{prefix}")).ToString(CultureInfo.InvariantCulture);
}
