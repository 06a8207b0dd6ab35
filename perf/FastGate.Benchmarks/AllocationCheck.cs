using System.Text.Json;
using BenchmarkDotNet.Reports;

namespace FastGate.Benchmarks;

/// <summary>Fails the run when a benchmark allocated more than <c>expected-allocations.json</c> allows; the test suite checks the same file without a clock.</summary>
internal static class AllocationCheck
{
    // What the runtime and the driver allocate beside a benchmark is spread over its operations.
    private const double Tolerance = 1;

    public static int Report(IEnumerable<Summary> summaries)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "expected-allocations.json"));
        var expected = JsonSerializer.Deserialize<ExpectedAllocations>(file, JsonSerializerOptions.Web)!;
        var exceeded = 0;
        foreach (var report in summaries.SelectMany(static summary => summary.Reports))
        {
            var benchmark = report.BenchmarkCase;
            var name = $"{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}";
            // The driver counts the bytes of all threads.
            if (benchmark.Parameters["Writer"] is true || benchmark.Parameters["Threads"] is > 1)
            {
                continue;
            }

            if (expected.BytesPerOperation.TryGetValue(name, out var most)
                && report.GcStats.GetBytesAllocatedPerOperation(benchmark) is { } bytes
                && bytes > most + Tolerance)
            {
                exceeded++;
                Console.Error.WriteLine($"{benchmark.DisplayInfo} allocated {bytes} B an operation; expected-allocations.json allows {most}.");
            }
        }

        return exceeded == 0 ? 0 : 1;
    }
}
