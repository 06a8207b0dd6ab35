using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Traces of a device or an address: every message in and out, as a stream of JSON lines.</summary>
/// <param name="traces">Those that run here.</param>
/// <param name="streams">Ends the streams before a restart.</param>
/// <param name="time">The clock.</param>
/// <param name="sharing">Null without a cluster.</param>
internal sealed class TraceEndpoints(Traces traces, AdminStreams streams, TimeProvider time, ITraceSharing? sharing = null)
{
    private const string Path = $"{AdminRoutes.Prefix}/traces";
    private const int DefaultMinutes = 5;

    private static readonly AdminOperation s_join = new("trace.join", "Records for another node") { IsAct = true, Role = AdminRole.Operate, Example = Path };

    private static readonly TimeSpan s_lastWrites = TimeSpan.FromSeconds(1);

    public void Map(AdminRoutes routes)
    {
        routes.Nodes?.Add(s_join, JoinAsync);
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
            act => BeginAsync(act, routes.Nodes));
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

    private async Task<AdminAnswer> BeginAsync(AdminAct act, NodeActs? nodes)
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

        if (traces.Begin(device, addresses, duration) is not { } trace)
        {
            return Full();
        }

        TraceReport report = Report(trace);
        if (nodes is not null && sharing is not null)
        {
            // The device may be connected to another node, or go there.
            string join = JsonSerializer.Serialize(
                new TraceJoin(trace.Id, device, addresses?.ToString(), duration.TotalSeconds, sharing.Node), AdminJson.Default.TraceJoin);
            IReadOnlyList<string> problems = await nodes.OnOthersAsync(s_join, act, join);
            report = report with { Problems = problems.Count == 0 ? null : problems };
        }

        return AdminAnswer.Of(report, AdminJson.Default.TraceReport, StatusCodes.Status201Created);
    }

    private Task<AdminAnswer> JoinAsync(AdminAct act)
    {
        TraceJoin join = act.Read(AdminJson.Default.TraceJoin);
        act.Target = join.Device ?? join.Address;
        if (traces.Join(join.Id, join.Device, join.Address is { } address ? AdminQuery.Addresses(address) : null, TimeSpan.FromSeconds(join.Seconds)) is not { } trace)
        {
            return Task.FromResult(Full());
        }

        sharing?.Forward(trace, join.Node);
        return Task.FromResult(AdminAnswer.Done);
    }

    private static AdminAnswer Full() => AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, $"{Traces.MaxTraces} traces run already; end one first");

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

    private async Task<AdminAnswer> EndAsync(AdminAct act)
    {
        act.Target = (string?)act.Context.Request.RouteValues["id"];
        if (Find(act.Context) is not { } trace || !traces.End(trace.Id))
        {
            throw NoSuchTrace();
        }

        await (sharing?.OverAsync(trace.Id) ?? Task.CompletedTask);
        return AdminAnswer.Done;
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
internal sealed record TraceReport(long Id, string? Device, string? Address, DateTimeOffset Until, long Lines)
{
    /// <summary>A line for each node of a cluster that does not record. Absent when all do.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}

internal sealed record TracePage(IReadOnlyList<TraceReport> Traces);
