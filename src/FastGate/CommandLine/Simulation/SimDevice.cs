using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace FastGate.CommandLine.Simulation;

/// <summary>One device: follows the script and connects again when its connection is lost.</summary>
internal sealed class SimDevice(SimSettings settings, int number, SimOta? ota, SimCounters counters)
{
    private readonly SimIdentity _identity = SimIdentity.Of(settings.Seed, number);
    private readonly Random _random = new(HashCode.Combine(settings.Seed, number));
    private SimConnection? _connection;

    public async Task RunAsync(CancellationToken cancellation)
    {
        counters.OnStarted();
        try
        {
            await FollowAsync(cancellation);
            counters.OnFinished();
        }
        catch (SimFailedException failed)
        {
            counters.OnFailed($"{_identity.DeviceId}: {failed.Message}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The end of the run is no failure of the device.
        }
        finally
        {
            await LeaveAsync(isPolite: true);
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        int rounds = 0;
        for (int i = 0; i < settings.Steps.Count; i++)
        {
            SimStep step = settings.Steps[i];
            if (step.Kind == SimStepKind.Repeat)
            {
                rounds++;
                i = step.From == 0 || rounds < step.From ? -1 : i;
                continue;
            }

            try
            {
                await StepAsync(step, cancellation);
            }
            catch (Exception exception) when (exception is WebSocketException or InvalidOperationException && _connection is { Ended.IsCompleted: true })
            {
                // The connection was lost during the step; the next step connects again.
            }
        }
    }

    private async Task StepAsync(SimStep step, CancellationToken cancellation)
    {
        switch (step.Kind)
        {
            case SimStepKind.Connect:
                await ConnectedAsync(cancellation);
                break;
            case SimStepKind.Wait:
                await WaitAsync(TimeSpan.FromSeconds(step.From + (_random.NextDouble() * (step.To - step.From))), cancellation);
                break;
            case SimStepKind.SayText or SimStepKind.SaySound:
                await SayAsync(step, cancellation);
                break;
            case SimStepKind.Abort:
                SimConnection speaking = await ConnectedAsync(cancellation);
                await speaking.SendAsync(SimMessages.Abort(speaking.Session), cancellation);
                break;
            case SimStepKind.Goodbye when _connection is { } leaving:
                await leaving.SendAsync(SimMessages.Goodbye(leaving.Session), cancellation);
                await LeaveAsync(isPolite: true);
                break;
            default:
                break;
        }
    }

    private async Task SayAsync(SimStep step, CancellationToken cancellation)
    {
        SimConnection connection = await ConnectedAsync(cancellation);
        Task reply = connection.NextReply();
        counters.OnTurn();
        if (step.Kind == SimStepKind.SayText)
        {
            await connection.SendAsync(SimMessages.Detect(connection.Session, step.Text!), cancellation);
        }
        else
        {
            await connection.SendAsync(SimMessages.ListenStart(connection.Session), cancellation);
            await SpeakAsync(connection, settings.Sounds[step], cancellation);
            await connection.SendAsync(SimMessages.ListenStop(connection.Session), cancellation);
        }

        if (!step.AwaitsReply)
        {
            return;
        }

        Task first = await Task.WhenAny(reply, connection.Ended, Task.Delay(settings.ReplyTimeout, cancellation));
        if (first == reply)
        {
            counters.OnReply();
        }
        else if (first != connection.Ended)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new SimFailedException($"no end of a reply within {settings.ReplyTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>One frame every 60 ms, against the clock of the utterance, so that late frames do not shift those behind them.</summary>
    private static async Task SpeakAsync(SimConnection connection, byte[][] frames, CancellationToken cancellation)
    {
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < frames.Length; i++)
        {
            TimeSpan early = TimeSpan.FromMilliseconds((double)i * SimSound.FrameMs) - Stopwatch.GetElapsedTime(begun);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, cancellation);
            }

            await connection.SendFrameAsync(frames[i], cancellation);
        }
    }

    /// <summary>Waits; a connection that is lost meanwhile is opened again, as a device in standby does.</summary>
    private async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        var waited = Task.Delay(time, cancellation);
        while (!waited.IsCompleted && _connection is { } connection)
        {
            if (await Task.WhenAny(waited, connection.Ended) != waited)
            {
                await ConnectedAsync(cancellation);
            }
        }

        await waited;
    }

    /// <summary>The open connection, or a new one after as many attempts as the settings allow, with growing waits.</summary>
    private async Task<SimConnection> ConnectedAsync(CancellationToken cancellation)
    {
        if (_connection is { Ended.IsCompleted: false } open)
        {
            return open;
        }

        if (_connection is { } lost)
        {
            counters.OnLost($"{_identity.DeviceId}: {await lost.Ended}");
            await LeaveAsync(isPolite: false);
        }

        TimeSpan wait = settings.RetryAfter;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                (Uri address, string? token) = ota is null ? (settings.Target, null) : await ota.AskAsync(_identity, cancellation);
                _connection = await SimConnection.OpenAsync(address, settings.Token ?? token, _identity, counters, settings.ReplyTimeout, cancellation);
                counters.OnConnected();
                return _connection;
            }
            catch (Exception exception) when (IsRefusal(exception, cancellation))
            {
                counters.OnRefused($"{_identity.DeviceId}: {exception.Message}");
                if (attempt >= settings.Attempts)
                {
                    throw new SimFailedException($"no connection after {attempt} attempts: {exception.Message}");
                }
            }

            // Half of the wait is random: devices that were refused together do not come back together.
            await Task.Delay(wait * (0.5 + (_random.NextDouble() / 2)), cancellation);
            wait *= 2;
        }
    }

    private static bool IsRefusal(Exception exception, CancellationToken cancellation) =>
        exception is WebSocketException or HttpRequestException or SimFailedException or JsonException or IOException or InvalidOperationException
        || (exception is OperationCanceledException && !cancellation.IsCancellationRequested);

    private async Task LeaveAsync(bool isPolite)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        _connection = null;
        counters.OnClosed();
        if (isPolite)
        {
            await connection.CloseAsync();
        }

        await connection.DisposeAsync();
    }
}
