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

// Stores numbered exchanges of eight devices until it is killed. Arguments: the first number, then "sqlite" and a path, or "postgres", a connection
// string and the prefix of the tables.
// It writes "t A B" once exchanges A to B are accepted and "f N N" once everything up to N is reported durable.
long first = long.Parse(args[0], CultureInfo.InvariantCulture);

using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
IMemoryStore store = args[1] == "sqlite"
    ? new SqliteMemoryStore(args[2], NullLogger<SqliteMemoryStore>.Instance, TimeProvider.System)
    : new PostgresMemoryStore(args[2], args[3], NullLogger<PostgresMemoryStore>.Instance, TimeProvider.System);
var writer = new MemoryWriter(
    store,
    new MemoryOptions(),
    new MemoryLimits(),
    new MemoryMetrics(services.GetRequiredService<IMeterFactory>()),
    NullLogger<MemoryWriter>.Instance,
    TimeProvider.System);
writer.Start();

var outputGate = new Lock();
using var output = new StreamWriter(Console.OpenStandardOutput());
long accepted = first - 1;

// Flushes once, so that the writer chooses the moment of all other commits.
using var flush = new SemaphoreSlim(0);

_ = Task.Run(async () =>
{
    while (true)
    {
        await flush.WaitAsync();
        long until = Volatile.Read(ref accepted);
        await writer.FlushAsync(CancellationToken.None);
        Report("f", until, until);
    }
});

for (long number = first; ;)
{
    // The load of a busy gateway: about four thousand exchanges a second.
    long start = number;
    for (; number < start + 20; number++)
    {
        var exchange = new StoredExchange(
            writer.NextId(), $"device-{number % 8}", "session", DateTimeOffset.UtcNow, $"question {number}", $"answer {number}");
        if (!writer.TryAppend(exchange))
        {
            return 1;
        }
    }

    Volatile.Write(ref accepted, number - 1);
    Report("t", start, number - 1);
    if (number - first == 2_000)
    {
        flush.Release();
    }

    Thread.Sleep(5);
}

void Report(string what, long from, long to)
{
    lock (outputGate)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {from} {to}"));
        output.Flush();
    }
}
