namespace FastGate.NBomber.Stub;

/// <summary>A response of a step or scenario. These types have the shape of the part of NBomber 6 that this project uses, and do nothing.</summary>
internal interface IResponse;

internal interface IScenarioInitContext;

internal interface IScenarioContext
{
    ScenarioInfo ScenarioInfo { get; }

    int InvocationNumber { get; }

    CancellationToken ScenarioCancellationToken { get; }
}

internal sealed record ScenarioInfo(int InstanceNumber);

internal sealed record Response<T> : IResponse;

internal static class Response
{
    public static Response<object> Ok() => new();

    public static Response<object> Fail(string? message = null) => new();
}

internal static class Step
{
    public static Task<Response<T>> Run<T>(string name, IScenarioContext context, Func<Task<Response<T>>> run) => run();
}

internal sealed record ScenarioProps;

internal static class Scenario
{
    public static ScenarioProps Create(string name, Func<IScenarioContext, Task<IResponse>> run) => new();

    public static ScenarioProps WithoutWarmUp(this ScenarioProps scenario) => scenario;

    public static ScenarioProps WithClean(this ScenarioProps scenario, Func<IScenarioInitContext, Task> clean) => scenario;

    public static ScenarioProps WithLoadSimulations(this ScenarioProps scenario, params LoadSimulation[] simulations) => scenario;

    public static ScenarioProps WithThresholds(this ScenarioProps scenario, params Threshold[] thresholds) => scenario;
}

internal sealed record LoadSimulation;

internal static class Simulation
{
    public static LoadSimulation Inject(int rate, TimeSpan interval, TimeSpan during) => new();

    public static LoadSimulation RampingConstant(int copies, TimeSpan during) => new();

    public static LoadSimulation KeepConstant(int copies, TimeSpan during) => new();
}

internal sealed record Threshold
{
    public static Threshold Create(Func<ScenarioStats, bool> check) => new();

    public static Threshold Create(string stepName, Func<StepStats, bool> check) => new();
}

internal sealed record ThresholdResult(bool IsFailed);

internal sealed record RequestStats(int Count);

internal sealed record LatencyStats(double Percent99);

internal sealed record MeasurementStats(RequestStats Request, LatencyStats Latency);

internal sealed record ScenarioStats(MeasurementStats Fail);

internal sealed record StepStats(MeasurementStats Ok);

internal sealed record NodeStats(ThresholdResult[] Thresholds);

internal sealed record NBomberContext;

internal static class NBomberRunner
{
    public static NBomberContext RegisterScenarios(params ScenarioProps[] scenarios) => new();

    public static NBomberContext WithTestSuite(this NBomberContext context, string name) => context;

    public static NBomberContext WithTestName(this NBomberContext context, string name) => context;

    public static NodeStats Run(this NBomberContext context) => new([]);
}
