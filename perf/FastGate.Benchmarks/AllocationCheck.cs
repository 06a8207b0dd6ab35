using System.Text.Json;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace FastGate.Benchmarks;

/// <summary>
/// Fails the run when nothing ran, a benchmark failed, or one allocated more than <c>expected-allocations.json</c> allows. The test suite
/// checks the same file without measuring time.
/// </summary>
internal static class AllocationCheck
{
    // Tolerance for allocations of the runtime and of BenchmarkDotNet, which count for the operations.
    private const double Tolerance = 1;

    public static int Report(IEnumerable<Summary> runs)
    {
        Summary[] summaries = [.. runs];
        string[] broken = Broken(summaries);
        foreach (string complaint in broken)
        {
            Console.Error.WriteLine(complaint);
        }

        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "expected-allocations.json"));
        ExpectedAllocations expected = JsonSerializer.Deserialize<ExpectedAllocations>(file, JsonSerializerOptions.Web)!;
        int exceeded = 0;
        foreach (BenchmarkReport? report in summaries.SelectMany(static summary => summary.Reports))
        {
            BenchmarkCase benchmark = report.BenchmarkCase;
            string name = $"{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}";
            // BenchmarkDotNet counts the bytes of all threads.
            if (benchmark.Parameters["Writer"] is true || benchmark.Parameters["Threads"] is > 1)
            {
                continue;
            }

            if (expected.BytesPerOperation.TryGetValue(name, out double most)
                && report.GcStats.GetBytesAllocatedPerOperation(benchmark) is { } bytes
                && bytes > most + Tolerance)
            {
                exceeded++;
                Console.Error.WriteLine($"{benchmark.DisplayInfo} allocated {bytes} B an operation; expected-allocations.json allows {most}.");
            }
        }

        return exceeded == 0 && broken.Length == 0 ? 0 : 1;
    }

    private static string[] Broken(Summary[] summaries)
    {
        if (summaries.All(static summary => summary.Reports.IsEmpty))
        {
            return ["No benchmark ran."];
        }

        return
        [
            .. summaries.SelectMany(static summary => summary.ValidationErrors).Where(static error => error.IsCritical).Select(static error => error.Message),
            .. summaries.SelectMany(static summary => summary.Reports).Where(static report => !report.Success)
                .Select(static report => $"{report.BenchmarkCase.DisplayInfo} did not run to its end."),
        ];
    }
}
