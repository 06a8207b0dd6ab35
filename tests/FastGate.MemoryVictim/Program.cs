using System.Diagnostics.Metrics;
using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Memory;
using FastGate.Memory.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

// Remembers numbered turns of eight devices until it is killed. Arguments: the database, the first number.
// It writes "t A B" once turns A to B are accepted and "f N N" once everything up to N is said to be durable.
string path = args[0];
long first = long.Parse(args[1], CultureInfo.InvariantCulture);

using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
var store = new SqliteMemoryStore(path, NullLogger<SqliteMemoryStore>.Instance, TimeProvider.System);
var writer = new MemoryWriter(
    store,
    new MemoryOptions(),
    new MemoryLimits(),
    new MemoryMetrics(services.GetRequiredService<IMeterFactory>()),
    NullLogger<MemoryWriter>.Instance,
    TimeProvider.System);
writer.Start();

var told = new Lock();
using var output = new StreamWriter(Console.OpenStandardOutput());
long accepted = first - 1;

// Once, so that the writer chooses the moment of all other commits itself.
using var flush = new SemaphoreSlim(0);

_ = Task.Run(async () =>
{
    while (true)
    {
        await flush.WaitAsync();
        long until = Volatile.Read(ref accepted);
        await writer.FlushAsync(CancellationToken.None);
        Tell("f", until, until);
    }
});

for (long number = first; ;)
{
    // The devices of a busy gateway: some four thousand turns a second.
    long start = number;
    for (; number < start + 20; number++)
    {
        var turn = new StoredExchange(
            writer.NextId(), $"device-{number % 8}", "session", DateTimeOffset.UtcNow, $"question {number}", $"answer {number}");
        if (!writer.TryAppend(turn))
        {
            return 1;
        }
    }

    Volatile.Write(ref accepted, number - 1);
    Tell("t", start, number - 1);
    if (number - first == 2_000)
    {
        flush.Release();
    }

    Thread.Sleep(5);
}

void Tell(string what, long from, long to)
{
    lock (told)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {from} {to}"));
        output.Flush();
    }
}
