using System.Text.Json;
using FastGate.Benchmarks;

namespace FastGate.Tests.Perf;

/// <summary>
/// Calls the bodies of the benchmarks, without a clock, and counts what they allocate: perf/FastGate.Benchmarks/expected-allocations.json
/// says the most that each may.
/// </summary>
public sealed class ExpectedAllocationsTests
{
    private static readonly ExpectedAllocations s_expected = JsonSerializer.Deserialize<ExpectedAllocations>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "expected-allocations.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Measured => [.. s_expected.BytesPerOperation.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_benchmark_is_in_the_file_and_nothing_else()
    {
        IOrderedEnumerable<string> benchmarks = BenchmarkBody.All.Select(static body => body.Name).Order(StringComparer.Ordinal);
        IOrderedEnumerable<string> listed = s_expected.BytesPerOperation.Keys.Concat(s_expected.Baselines).Order(StringComparer.Ordinal);
        Assert.Equal(benchmarks, listed);
    }

    [Theory]
    [MemberData(nameof(Measured))]
    public void A_benchmark_allocates_no_more_than_the_file_allows(string name)
    {
        double bytes = BenchmarkBody.All.Single(body => body.Name == name).MeasureBytes();
        Assert.True(bytes <= s_expected.BytesPerOperation[name], $"{name} allocates {bytes} B an operation; {s_expected.BytesPerOperation[name]} B are allowed.");
    }

    [Fact]
    public void What_only_every_second_call_allocates_is_counted()
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
