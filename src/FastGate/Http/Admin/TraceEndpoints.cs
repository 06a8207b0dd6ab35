using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Traces of a device or an address: every message in and out, as a stream of JSON lines.</summary>
internal sealed class TraceEndpoints(Traces traces, AdminStreams streams, TimeProvider time)
{
    private const string Path = $"{AdminRoutes.Prefix}/traces";
    private const int DefaultMinutes = 5;

    private static readonly TimeSpan s_lastWrites = TimeSpan.FromSeconds(1);

    public void Map(AdminRoutes routes)
    {
        routes.Act(
            HttpMethods.Post,
            Path,
            new AdminOperation("trace", "Begins to record the messages of a device or an address, without secrets and sound")
            {
                Body = typeof(TraceBody),
                Answer = typeof(TraceReport),
                Status = StatusCodes.Status201Created,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"device":"aa:bb:cc:dd:ee:ff","minutes":5}""",
            },
            BeginAsync);
        routes.Read(Path, new AdminOperation("traces", "The traces that run") { Answer = typeof(TracePage), Example = Path }, ListAsync);
        routes.Read(
            $"{Path}/{{id}}",
            new AdminOperation("trace.follow", "The lines of a trace as they come, until it ends")
            {
                Role = AdminRole.Operate,
                ContentType = "application/x-ndjson",
                Errors = [StatusCodes.Status404NotFound],
                Example = $"{Path}/1764305000000",
            },
            FollowAsync);
        routes.Act(
            HttpMethods.Delete,
            $"{Path}/{{id}}",
            new AdminOperation("trace.end", "Ends a trace")
            {
                Status = StatusCodes.Status204NoContent,
                Errors = [StatusCodes.Status404NotFound],
                Example = $"{Path}/1764305000000",
            },
            EndAsync);
    }

    private Task<AdminAnswer> BeginAsync(AdminAct act)
    {
        TraceBody body = act.Read(AdminJson.Default.TraceBody);
        var duration = TimeSpan.FromMinutes(body.Minutes ?? DefaultMinutes);
        if (body.Minutes is < 1 or > Traces.MaxMinutes)
        {
            throw AdminQuery.Wrong($"minutes is a whole number from 1 to {Traces.MaxMinutes}");
        }

        string? device = null;
        AddressRange? addresses = null;
        switch (body)
        {
            case { Device: { Length: > 0 } id, Address: null }:
                act.Target = device = DeviceIdentity.Normalize(id) ?? throw AdminQuery.Wrong("device is the id of a device");
                break;
            case { Device: null, Address: { } text } when AdminQuery.Addresses(text) is { } range:
                addresses = range;
                act.Target = range.ToString();
                break;
            default:
                throw AdminQuery.Wrong("either device or address is needed");
        }

        return Task.FromResult(traces.Begin(device, addresses, duration) is { } trace
            ? AdminAnswer.Of(Report(trace), AdminJson.Default.TraceReport, StatusCodes.Status201Created)
            : AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, $"{Traces.MaxTraces} traces run already; end one first"));
    }

    private Task ListAsync(HttpContext context) =>
        AdminJson.ReplyAsync(context, new TracePage([.. traces.Running.Select(Report)]), AdminJson.Default.TracePage);

    private async Task FollowAsync(HttpContext context)
    {
        Trace trace = Find(context) ?? throw NoSuchTrace();
        CancellationToken pause = streams.Token;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, pause);

        // What is left of the lines is written after the pause was announced, but a reader that does not read must not delay the restart.
        using var writes = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using CancellationTokenRegistration bound = pause.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(s_lastWrites), writes);
        try
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.Body.FlushAsync(writes.Token);
            if (HttpMethods.IsHead(context.Request.Method))
            {
                return;
            }

            await Traces.FollowAsync(trace, lines => WriteAsync(context, lines, writes.Token), ends.Token);
            if (!trace.IsEnded && pause.IsCancellationRequested)
            {
                await WriteAsync(context, TraceLine.OfEvent(time.GetUtcNow(), trace.Device, "stream_ended", "the server restarts") + "\n", writes.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has left, or does not read while the listener is about to pause.
        }
    }

    private static async Task WriteAsync(HttpContext context, string lines, CancellationToken end)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(lines), end);
        await context.Response.Body.FlushAsync(end);
    }

    private Task<AdminAnswer> EndAsync(AdminAct act)
    {
        act.Target = (string?)act.Context.Request.RouteValues["id"];
        return Find(act.Context) is { } trace && traces.End(trace.Id) ? Task.FromResult(AdminAnswer.Done) : throw NoSuchTrace();
    }

    private Trace? Find(HttpContext context) =>
        long.TryParse((string?)context.Request.RouteValues["id"], NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? traces.Find(id) : null;

    private static AdminProblemException NoSuchTrace() => new(StatusCodes.Status404NotFound, "no such trace runs");

    private static TraceReport Report(Trace trace) => new(trace.Id, trace.Device, trace.Addresses?.ToString(), trace.Until, trace.Lines);
}

/// <summary>What to trace.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TraceBody(string? Device, string? Address, int? Minutes);

/// <param name="Id">Number of the trace.</param>
/// <param name="Device">The traced device.</param>
/// <param name="Address">The traced address or network.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Lines">Lines so far.</param>
internal sealed record TraceReport(long Id, string? Device, string? Address, DateTimeOffset Until, long Lines);

internal sealed record TracePage(IReadOnlyList<TraceReport> Traces);
