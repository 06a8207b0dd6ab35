using FastGate.Benchmarks.Framing;
using FastGate.Benchmarks.Handshake;
using FastGate.Benchmarks.Registry;
using FastGate.Benchmarks.Timers;

namespace FastGate.Benchmarks.Judging;

/// <summary>All promised figures, measured with the code of their benchmarks.</summary>
internal static class JudgedFigures
{
    private const double Noise = 1.05;

    public static IEnumerable<JudgedFigure> All =>
    [
        .. HandshakeParseBenchmarks.RequestValues.Select(Parse),
        .. FrameReadBenchmarks.SizeValues.Select(Read),
        .. FrameReadBenchmarks.SizeValues.Select(Assemble),
        .. TimerResetBenchmarks.EntriesValues.Select(Reset),
        .. TimerResetBenchmarks.EntriesValues.Select(ResetWithClock),
        .. TimerTickBenchmarks.EntriesValues.Select(Tick),
        .. TimerAddBenchmarks.EntriesValues.Select(Add),
        .. RegistryFindBenchmarks.ConnectionsValues.Select(static count => Find(count, writer: false)),
        .. RegistryFindBenchmarks.ConnectionsValues.Select(static count => Find(count, writer: true)),
    ];

    /// <summary>The promise is 1 and the aim 0.5. The limits are lower than the promise, so that a regression is noticed.</summary>
    private static JudgedFigure Parse(string request) => new($"handshake parse, {request}, beside Kestrel", () =>
    {
        var benchmark = new HandshakeParseBenchmarks { Request = request };
        benchmark.Setup();
        return (new Contender(() => benchmark.FastGate()), new Contender(() => benchmark.Kestrel()));
    }, Most: request == "Firmware" ? 0.85 : 0.6);

    private static JudgedFigure Read(int size) => new($"frame read and unmask, {size} B, beside the framework", () =>
    {
        var benchmark = new FrameReadBenchmarks { Size = size };
        benchmark.Setup();
        return (new Contender(() => benchmark.FastGate()), new Contender(() => benchmark.Framework()));
    }, Most: 0.5);

    /// <summary>Through the assembler, as a connection reads.</summary>
    private static JudgedFigure Assemble(int size) => new($"message read by the assembler, {size} B, beside the framework", () =>
    {
        var benchmark = new FrameReadBenchmarks { Size = size };
        benchmark.Setup();
        return (new Contender(() => benchmark.FastGateAssembler()), new Contender(() => benchmark.Framework()));
    }, Most: 0.5);

    private static JudgedFigure Reset(int entries) => new($"wheel reset, {entries:N0} armed, ns", () =>
    {
        var benchmark = new TimerResetBenchmarks { Entries = entries };
        benchmark.SetupFastGate();
        return (new Contender(benchmark.FastGate, 1024), null);
    }, Most: 5);

    /// <summary>
    /// With a clock read, which a connection does once per read of its socket. The clock is a system call that costs more than the wheel's
    /// limit, so this figure is judged relative to <see cref="Timer.Change(TimeSpan, TimeSpan)"/>.
    /// </summary>
    private static JudgedFigure ResetWithClock(int entries) => new($"wheel reset with the clock read, {entries:N0} armed, beside Timer", () =>
    {
        var ours = new TimerResetBenchmarks { Entries = entries };
        var theirs = new TimerResetBenchmarks { Entries = entries };
        ours.SetupFastGate();
        theirs.SetupTimer();
        return (new Contender(ours.FastGateWithClock, 1024), new Contender(theirs.Timer, 1024));
    }, Most: 0.5);

    private static JudgedFigure Tick(int entries) => new($"wheel tick, {entries:N0} armed and none due, ns", () =>
    {
        var benchmark = new TimerTickBenchmarks { Entries = entries };
        benchmark.SetupFastGate();
        return (new Contender(benchmark.FastGate), null);
    }, Most: 1_000_000);

    private static JudgedFigure Add(int entries) => new($"wheel add by its owner, {entries:N0} armed, beside Timer", () =>
    {
        const int Operations = 10_000;
        var ours = new TimerAddBenchmarks { Entries = entries };
        var theirs = new TimerAddBenchmarks { Entries = entries };
        ours.SetupFastGate();
        theirs.SetupTimer();
        return (
            new Contender(ours.FastGate, Operations, ours.BeforeFastGate),
            new Contender(theirs.Timer, Operations, theirs.BeforeTimer));
    }, Most: 0.1);

    private static JudgedFigure Find(int connections, bool writer) => new(
        $"registry find among {connections:N0}{(writer ? ", another thread writing" : "")}, beside ConcurrentDictionary", () =>
        {
            const int Operations = 16 * 1024;
            var ours = new RegistryFindBenchmarks { Connections = connections, Writer = writer };
            var theirs = new RegistryFindBenchmarks { Connections = connections, Writer = writer };
            ours.SetupFastGate();
            theirs.SetupDictionary();
            ours.Changing?.Pause();
            theirs.Changing?.Pause();
            return (
                new Contender(() => ours.FastGate(), Operations, Begin: () => ours.Changing?.Resume(), End: () => ours.Changing?.Pause()),
                new Contender(() => theirs.Dictionary(), Operations, Begin: () => theirs.Changing?.Resume(), End: () => theirs.Changing?.Pause()));
        }, writer ? 1 : Noise);
}
