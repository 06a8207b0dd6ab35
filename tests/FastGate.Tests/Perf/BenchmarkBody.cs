using System.Reflection;

namespace FastGate.Tests.Perf;

/// <summary>
/// Calls a benchmark from a test, by naming conventions, because tests do not load BenchmarkDotNet and its attributes:
/// <c>Setup</c> and <c>Setup{Benchmark}</c> run once before, <c>Before{Benchmark}</c> before each measurement, <c>Cleanup</c> at the end;
/// <c>{Parameter}Values</c> lists a parameter's values, <c>Operations</c> is the number of operations per call.
/// </summary>
internal sealed class BenchmarkBody(Type type, MethodInfo method)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Small sizes are enough: bytes, unlike time, do not depend on them.</summary>
    private const int LargestPopulation = 100_000;

    // The first calls fill caches and pools. Later the runtime allocates on this thread sometimes, when it recompiles; what the benchmark
    // allocates is in every series.
    private const int FirstCalls = 4;

    private const int Series = 3;

    private const int CallsOfSeries = 8;

    private static readonly string[] s_preparing = ["Setup", "Before", "Cleanup"];

    public string Name => $"{type.Name}.{method.Name}";

    public static IReadOnlyList<BenchmarkBody> All { get; } =
    [
        .. typeof(Benchmarks.ExpectedAllocations).Assembly.GetExportedTypes()
            .Where(static type => type.Name.EndsWith("Benchmarks", StringComparison.Ordinal))
            .SelectMany(static type => type.GetMethods(Declared)
                .Where(static method => !method.IsSpecialName && !s_preparing.Any(name => method.Name.StartsWith(name, StringComparison.Ordinal)))
                .Select(method => new BenchmarkBody(type, method))),
    ];

    /// <summary>Maximum over all parameter values of the bytes per operation: the mean of many calls after the first, in the series with the fewest bytes.</summary>
    public double MeasureBytes() => Combinations(Parameters(), []).Max(MeasureBytes);

    private double MeasureBytes(IReadOnlyDictionary<PropertyInfo, object> values)
    {
        object instance = Activator.CreateInstance(type)!;
        foreach ((PropertyInfo? property, object? value) in values)
        {
            property.SetValue(instance, value);
        }

        Call(instance, "Setup");
        Call(instance, "Setup" + method.Name);
        try
        {
            Action body = Body(instance);
            Action before = type.GetMethod("Before" + method.Name)?.CreateDelegate<Action>(instance) ?? (static () => { });
            Allocated(before, body, FirstCalls);
            long least = Enumerable.Range(0, Series).Min(_ => Allocated(before, body, CallsOfSeries));
            object? operations = type.GetField("Operations", BindingFlags.NonPublic | BindingFlags.Static)?.GetRawConstantValue();
            return (double)least / CallsOfSeries / (int)(operations ?? 1);
        }
        finally
        {
            Call(instance, "Cleanup");
        }
    }

    private static long Allocated(Action before, Action body, int calls)
    {
        long total = 0;
        for (int call = 0; call < calls; call++)
        {
            before();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            body();
            total += GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        return total;
    }

    private Action Body(object instance)
    {
        if (method.ReturnType == typeof(void))
        {
            return method.CreateDelegate<Action>(instance);
        }

        MethodInfo call = typeof(BenchmarkBody).GetMethod(nameof(Discard), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(method.ReturnType);
        return (Action)call.Invoke(null, [method.CreateDelegate(typeof(Func<>).MakeGenericType(method.ReturnType), instance)])!;
    }

    private static Action Discard<T>(Func<T> body) => () => body();

    private void Call(object instance, string name) => type.GetMethod(name, Declared)?.CreateDelegate<Action>(instance)();

    private List<(PropertyInfo Property, object[] Values)> Parameters() =>
    [
        .. type.GetProperties(Declared).Where(static property => property.CanWrite).Select(property => (property, Values(property))),
    ];

    private object[] Values(PropertyInfo property) =>
    [
        .. ((System.Collections.IEnumerable)type.GetProperty(property.Name + "Values")!.GetValue(null)!).Cast<object>()
            .Where(static value => value is not int number || number <= LargestPopulation),
    ];

    private static IEnumerable<IReadOnlyDictionary<PropertyInfo, object>> Combinations(
        IReadOnlyList<(PropertyInfo Property, object[] Values)> parameters, Dictionary<PropertyInfo, object> chosen) =>
        chosen.Count == parameters.Count
            ? [chosen]
            : parameters[chosen.Count].Values.SelectMany(value =>
                Combinations(parameters, new Dictionary<PropertyInfo, object>(chosen) { [parameters[chosen.Count].Property] = value }));
}
