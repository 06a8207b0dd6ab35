using System.Reflection;

namespace FastGate.Tests.Perf;

/// <summary>
/// A benchmark as a test can call it: by the names that its class keeps to, because the attributes belong to a library that tests do not load.
/// <c>Setup</c> and <c>Setup{Benchmark}</c> prepare, <c>Before{Benchmark}</c> prepares each measurement, <c>Cleanup</c> ends, <c>{Parameter}Values</c>
/// lists a parameter's values, <c>Operations</c> is how often the body does what it measures.
/// </summary>
internal sealed class BenchmarkBody(Type type, MethodInfo method)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Bytes do not depend on how many others there are; time does.</summary>
    private const int LargestPopulation = 100_000;

    // The first calls fill caches and pools. Later the runtime still allocates on this thread now and then, when it compiles anew; what a body
    // goes on allocating shows in every series.
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

    /// <summary>Most bytes an operation of this thread allocated, over all values of the parameters: the mean of many calls after the first, in the cheapest series.</summary>
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
