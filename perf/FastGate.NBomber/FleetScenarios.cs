using FastGate.LoadTest.Devices;
using Pipelines.Sockets.Unofficial;

namespace FastGate.NBomber;

/// <summary>
/// The scenarios of FastGate.LoadTest for NBomber: a virtual user is a device, a step is what it waits for. NBomber measures a step
/// from its start, so delay of its scheduler is not measured; FastGate.LoadTest measures it.
/// </summary>
internal static class FleetScenarios
{
    private static readonly TimeSpan s_stepLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Below the server's idle limit.</summary>
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    public static ScenarioProps Create(FleetOptions options, SocketDevices devices)
    {
        ScenarioProps scenario = Scenario.Create(options.Scenario, context => RunAsync(options, devices, context))
            .WithoutWarmUp()
            .WithClean(_ => devices.DropAllAsync())
            .WithLoadSimulations(options.Scenario == "churn"
                ? [Simulation.Inject(options.Rate, TimeSpan.FromSeconds(1), options.Duration)]
                : [
                    Simulation.RampingConstant(options.Devices, TimeSpan.FromSeconds(5)),
                    Simulation.KeepConstant(options.Devices, options.Duration),
                ]);
        return options.MaxP99Ms is { } most
            ? scenario.WithThresholds(
                Threshold.Create(stats => stats.Fail.Request.Count == 0),
                Threshold.Create(options.Scenario, stats => stats.Ok.Latency.Percent99 <= most))
            : scenario;
    }

    private static async Task<IResponse> RunAsync(FleetOptions options, SocketDevices devices, IScenarioContext context)
    {
        int number = context.ScenarioInfo.InstanceNumber;
        try
        {
            return options.Scenario switch
            {
                "churn" => await ChurnAsync(devices, context),
                "storm" => await StormAsync(devices, context, number),
                "takeover" => await TakeoverAsync(devices, context, number),
                "abuse" when number % 4 == 3 => await AbuseAsync(devices, context, number),
                _ => await StayAsync(options, devices, context, number),
            };
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            await devices.DropAsync(number);
            return context.ScenarioCancellationToken.IsCancellationRequested ? Response.Ok() : Response.Fail(message: exception.Message);
        }
    }

    /// <summary>One round of a scenario in which the device stays connected.</summary>
    private static async Task<IResponse> StayAsync(FleetOptions options, SocketDevices devices, IScenarioContext context, int number)
    {
        PipeDevice device = devices.Find(number) ?? await ConnectAsync(devices, context, number);
        switch (options.Scenario)
        {
            case "converse":
                await device.SpeakAsync(TimeSpan.FromMilliseconds(1200), context.ScenarioCancellationToken);
                await StepAsync(options.Scenario, context, stop => device.AskAsync("今天天气怎么样？", bargeIn: context.InvocationNumber % 10 == 0, stop));
                break;
            case "audio":
                await StepAsync(options.Scenario, context, device.EchoFrameAsync);
                await Task.Delay(OpusFrames.MillisecondsPerFrame, context.ScenarioCancellationToken);
                return Response.Ok();
            case "hold":
                // A short run must include pings too.
                await Task.Delay(options.Duration / 3 < s_keepAlive ? options.Duration / 3 : s_keepAlive, context.ScenarioCancellationToken);
                await StepAsync(options.Scenario, context, device.PingAsync);
                return Response.Ok();
            default:
                await StepAsync(options.Scenario, context, device.PingAsync);
                break;
        }

        await Task.Delay(s_pause, context.ScenarioCancellationToken);
        return Response.Ok();
    }

    private static async Task<IResponse> ChurnAsync(SocketDevices devices, IScenarioContext context)
    {
        await StepAsync("churn", context, async stop =>
        {
            await using PipeDevice device = await devices.OpenAsync(devices.NextNumber(), stop);
            await device.PingAsync(stop);
        });
        return Response.Ok();
    }

    /// <summary>All devices drop their connections together, every ten seconds of the clock, and connect again at once.</summary>
    private static async Task<IResponse> StormAsync(SocketDevices devices, IScenarioContext context, int number)
    {
        if (devices.Find(number) is null)
        {
            await ConnectAsync(devices, context, number);
        }

        long now = DateTime.UtcNow.Ticks;
        await Task.Delay(TimeSpan.FromTicks(TimeSpan.TicksPerSecond * 10 - (now % (TimeSpan.TicksPerSecond * 10))), context.ScenarioCancellationToken);
        await devices.DropAsync(number);
        await StepAsync("storm", context, async stop => devices.Keep(number, await devices.OpenAsync(number, stop)));
        return Response.Ok();
    }

    private static async Task<IResponse> TakeoverAsync(SocketDevices devices, IScenarioContext context, int number)
    {
        PipeDevice old = devices.Find(number) ?? await ConnectAsync(devices, context, number);
        await StepAsync("takeover", context, async stop => devices.Keep(number, await devices.OpenAsync(number, stop)));
        await StepAsync("old connection closed", context, old.WaitForEndAsync);
        await old.DisposeAsync();
        return Response.Ok();
    }

    /// <summary>
    /// Every fourth virtual user is hostile: it sends one byte of a request every half second until the server closes the connection.
    /// It has no step, so it is not measured.
    /// </summary>
    private static async Task<IResponse> AbuseAsync(SocketDevices devices, IScenarioContext context, int number)
    {
        using SocketConnection connection = await devices.ConnectAsync(number);
        byte[] request = "GET /xiaozhi/v1/ HTTP/1.1\r\n"u8.ToArray();
        foreach (byte part in request)
        {
            connection.Output.GetSpan(1)[0] = part;
            connection.Output.Advance(1);
            if ((await connection.Output.FlushAsync(context.ScenarioCancellationToken)).IsCompleted)
            {
                break;
            }

            await Task.Delay(500, context.ScenarioCancellationToken);
        }

        return Response.Ok();
    }

    private static async Task<PipeDevice> ConnectAsync(SocketDevices devices, IScenarioContext context, int number)
    {
        PipeDevice? device = null;
        await StepAsync("connect", context, async stop => device = await devices.OpenAsync(number, stop));
        devices.Keep(number, device!);
        return device!;
    }

    /// <summary>NBomber counts a step that throws as failed; the exception must reach the scenario too.</summary>
    private static async Task StepAsync(string name, IScenarioContext context, Func<CancellationToken, Task> step)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.ScenarioCancellationToken);
        stop.CancelAfter(s_stepLimit);
        Exception? failure = null;
        await Step.Run(name, context, async () =>
        {
            try
            {
                await step(stop.Token);
                return Response.Ok();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Net.Sockets.SocketException)
            {
                failure = exception;
                return Response.Fail(message: exception.Message);
            }
        });
        if (failure is not null)
        {
            throw failure;
        }
    }
}
