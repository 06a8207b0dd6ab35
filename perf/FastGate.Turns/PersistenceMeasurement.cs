using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Postgres;
using FastGate.Memory.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Turns;

/// <summary>
/// Turns per second that the writer commits to its SQLite file and to PostgreSQL, and the memory of the journal while the disk is stalled. Runs in this
/// process without devices: it measures the path from an accepted turn to its commit.
/// </summary>
internal sealed class PersistenceMeasurement(string directory, string? postgres, int rate)
{
    private const int Devices = 10_000;

    private long _numbered;

    public async Task RunAsync(TimeSpan duration, int rounds, TextWriter report)
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        List<(string Name, StallingStore Store, MemoryWriter Writer)> sides = [];
        foreach ((string name, IMemoryStore inner) in Stores())
        {
            var store = new StallingStore(inner);
            var writer = new MemoryWriter(
                store,
                new MemoryOptions(),
                new MemoryLimits(),
                new MemoryMetrics(services.GetRequiredService<IMeterFactory>()),
                NullLogger<MemoryWriter>.Instance,
                TimeProvider.System);
            writer.Start();
            sides.Add((name, store, writer));
        }

        for (int round = 0; round <= rounds; round++)
        {
            foreach ((string name, StallingStore _, MemoryWriter writer) in sides)
            {
                // The first round is a warm-up.
                string line = await SustainAsync(writer, round == 0 ? TimeSpan.FromSeconds(1) : duration);
                report.WriteLine(round == 0 ? $"{name}: warm-up: {line}" : $"{name}: {line}");
            }
        }

        foreach ((string name, StallingStore store, MemoryWriter writer) in sides)
        {
            report.WriteLine($"{name}: {Loads(writer, store)}");
            report.WriteLine($"{name}: {await StallAsync(writer, store, duration)}");
            report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {writer.Status.Stored} turns"));
            await writer.DisposeAsync();
        }

        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SQLite: {new FileInfo(FilePath).Length / 1048576.0:F0} MiB"));
    }

    private string FilePath => Path.Combine(directory, "persistence.db");

    private IEnumerable<(string Name, IMemoryStore Store)> Stores()
    {
        yield return ("SQLite", new SqliteMemoryStore(FilePath, NullLogger<SqliteMemoryStore>.Instance, TimeProvider.System));
        if (postgres is not null)
        {
            yield return ("PostgreSQL", new PostgresMemoryStore(postgres, "fastgate_", NullLogger<PostgresMemoryStore>.Instance, TimeProvider.System));
        }
    }

    /// <summary>Loads of a dialogue, one after the other, as the reader thread makes them.</summary>
    private static string Loads(MemoryWriter writer, StallingStore store)
    {
        const int Count = 5_000;
        double[] milliseconds = new double[Count];
        var random = new Random(1);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++)
        {
            long one = Stopwatch.GetTimestamp();
            store.Load(string.Create(CultureInfo.InvariantCulture, $"device-{random.Next(Devices)}"), 20);
            milliseconds[i] = Stopwatch.GetElapsedTime(one).TotalMilliseconds;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.Sort(milliseconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"loaded: {Count / seconds:F0} devices/s, {milliseconds[Count / 2]:F2} ms (p50), {milliseconds[Count * 99 / 100]:F2} ms (p99); last commit {writer.Status.LastCommitMs:F1} ms");
    }

    /// <summary>Offers turns at the rate, or as fast as they are accepted, and waits until the last one is durable.</summary>
    private async Task<string> SustainAsync(MemoryWriter writer, TimeSpan duration)
    {
        MemoryStatus before = writer.Status;
        long start = Stopwatch.GetTimestamp();
        long offered = 0L;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < duration)
        {
            // Half of the limit, so that commits are measured and not rejections.
            long due = rate > 0 ? (long)(elapsed.TotalSeconds * rate) - offered : long.MaxValue;
            int room = (writer.Status.PendingLimit / 2) - writer.Status.Pending;
            for (long i = Math.Min(due, Math.Min(room, 1_000)); i > 0; i--, offered++)
            {
                writer.TryAppend(Next(writer));
            }

            Thread.Sleep(1);
        }

        await writer.FlushAsync(CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        MemoryStatus after = writer.Status;
        (long stored, long commits) = (after.Stored - before.Stored, after.Commits - before.Commits);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"committed: {stored / seconds:F0} turns/s ({stored} in {seconds:F1} s, {(double)stored / Math.Max(1, commits):F0} a transaction), refused {after.Refused - before.Refused}");
    }

    /// <summary>Offers turns while the disk is stalled; the journal fills to its limit and rejects further turns.</summary>
    private async Task<string> StallAsync(MemoryWriter writer, StallingStore store, TimeSpan duration)
    {
        await writer.FlushAsync(CancellationToken.None);
        long heapBefore = GC.GetTotalMemory(forceFullCollection: true);
        long residentBefore = Environment.WorkingSet;
        MemoryStatus before = writer.Status;
        long heapPeak = 0, residentPeak = 0, pendingBytes = 0, offered = 0;
        store.Stall();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration;)
        {
            for (int i = 0; i < 1_000; i++, offered++)
            {
                writer.TryAppend(Next(writer));
            }

            heapPeak = Math.Max(heapPeak, GC.GetTotalMemory(forceFullCollection: false));
            residentPeak = Math.Max(residentPeak, Environment.WorkingSet);
            pendingBytes = Math.Max(pendingBytes, writer.Status.PendingBytes);
            Thread.Sleep(1);
        }

        (int pending, long held) = (writer.Status.Pending, GC.GetTotalMemory(forceFullCollection: true) - heapBefore);
        store.Resume();
        await writer.FlushAsync(CancellationToken.None);
        MemoryStatus after = writer.Status;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"stalled disk: {offered} offered, {pending} held, {after.Refused - before.Refused} refused; journal {Mib(pendingBytes)} of {Mib(after.PendingBytesLimit)} MiB by its own count, "
            + $"{Mib(held)} MiB of heap alive, peak heap +{Mib(heapPeak - heapBefore)} MiB, peak resident +{Mib(residentPeak - residentBefore)} MiB; "
            + $"{after.Stored - before.Stored} committed once it moved");
    }

    /// <summary>A question and an answer of two sentences; each turn has its own text.</summary>
    private StoredExchange Next(MemoryWriter writer) => new(
        writer.NextId(), string.Create(CultureInfo.InvariantCulture, $"device-{_numbered++ % Devices}"), "session", DateTimeOffset.UtcNow,
        new string('问', 20), new string('答', 60));

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);
}
