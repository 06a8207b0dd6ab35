using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using HdrHistogram;

namespace FastGate.LoadTest.Tests;

/// <summary>Sample reports.</summary>
internal static class Reports
{
    public static RunReport Create() => new()
    {
        Scenario = "ping",
        Operation = "pong",
        Command = "FastGate.LoadTest ping --token '<b>&'",
        StartedAt = "2026-11-23 09:00:00 UTC",
        Machine = new MachineReport(2, "a processor", "a system", "a runtime"),
        Load = new LoadReport
        {
            Devices = 1_000,
            RampSeconds = 1.25,
            LoadSeconds = 10.02,
            Seed = 1,
            Connections = 1_003,
            Ready = 1_001,
            Failed = 2,
            Lost = 1,
            Unanswered = 4,
            Retries = 0,
            Operations = 123_456,
            OperationsPerSecond = 12_345.6,
            MessagesSent = 124_459,
            MessagesReceived = 124_457,
            BytesSent = 9_876_543,
            BytesReceived = 8_765_432,
            FramesExpected = 100,
            FramesLate = 1,
            LateShare = 0.05,
            HostileConnections = 0,
            HostileEnded = 0,
            ProtocolErrors = 0,
            Refusals = new Dictionary<int, int> { [503] = 2 },
            SystemErrors = new Dictionary<int, int> { [24] = 1 },
        },
        Speech = new SpeechReport
        {
            FramesReceived = 97,
            FramesMissing = 3,
            FramesDoubled = 4,
            FramesReordered = 8,
            FramesOutside = 2,
            InTimeShare = 0.989691,
            CutShort = 5,
            Interrupted = 6,
            Compared = 7,
            WithoutLastWord = 1,
            LastWordDb = -0.63,
            SpanDifferenceMs = -18.1,
        },
        Connect = Latency("connect", 1_001),
        Latencies = [Latency("ping", 123_456), Latency("another", 17)],
        JudgedLatency = "ping",
        PlottedLatency = "ping",
        Server = new ServerReport(42, 1.23, 12.3, 9.96, 55.5, 70.01, 75.02, 76.03, 5_010),
        Driver = new DriverReport(1.5, 15, 12.1, 40.2, 0.05, 0.6, 3.2, 60.1, false, []),
        Samples =
        [
            new SampleReport(0.5, 500, 0, 500, null, null, null, null, 10.5),
            new SampleReport(1, 1_000, 12_000.5, 12_100.5, 0.2, 1.25, 12, 72.5, 15.5),
            new SampleReport(1.5, 1_000, 12_300.5, 12_300.5, 0.21, 2.5, 13, 73.25, 15),
            new SampleReport(2, 999, 0, 0, null, null, 1, 73.5, 2),
            new SampleReport(2.5, 999, 12_000, 12_000, 0.25, 7.75, 12.5, 73.5, 15),
        ],
        Marks = [new MarkReport(0.75, "load"), new MarkReport(2.5, "end")],
    };

    private static LatencyReport Latency(string name, int count)
    {
        HistogramBase histogram = LatencyHistograms.Create();
        var random = new Random(count);
        for (int i = 0; i < count; i++)
        {
            histogram.RecordLatency(random.NextInt64(100_000, 20_000_000));
        }

        return LatencyReport.Of(name, histogram);
    }
}
