using System.Text.Json;
using FastGate.Benchmarks;

namespace FastGate.Tests.Perf;

/// <summary>
/// Calls the benchmarks without measuring time and counts allocated bytes; perf/FastGate.Benchmarks/expected-allocations.json has the
/// limits.
/// </summary>
public sealed class ExpectedAllocationsTests
{
    private static readonly ExpectedAllocations s_expected = JsonSerializer.Deserialize<ExpectedAllocations>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "expected-allocations.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Measured => [.. s_expected.BytesPerOperation.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void File_lists_exactly_the_benchmarks()
    {
        IOrderedEnumerable<string> benchmarks = BenchmarkBody.All.Select(static body => body.Name).Order(StringComparer.Ordinal);
        IOrderedEnumerable<string> listed = s_expected.BytesPerOperation.Keys.Concat(s_expected.Baselines).Order(StringComparer.Ordinal);
        Assert.Equal(benchmarks, listed);
    }

    [Theory]
    [MemberData(nameof(Measured))]
    public void Benchmark_allocates_at_most_what_the_file_allows(string name)
    {
        double bytes = BenchmarkBody.All.Single(body => body.Name == name).MeasureBytes();
        Assert.True(bytes <= s_expected.BytesPerOperation[name], $"{name} allocates {bytes} B an operation; {s_expected.BytesPerOperation[name]} B are allowed.");
    }

    [Fact]
    public void Allocation_of_every_second_call_is_counted()
    {
        var body = new BenchmarkBody(typeof(EverySecondCall), typeof(EverySecondCall).GetMethod(nameof(EverySecondCall.Allocate))!);
        Assert.InRange(body.MeasureBytes(), 500, 600);
    }

    public sealed class EverySecondCall
    {
        private int _calls;

        public byte[]? Allocate() => ++_calls % 2 == 0 ? new byte[1000] : null;
    }
}
