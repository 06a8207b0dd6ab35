using System.Globalization;
using System.Text;
using System.Text.Json;
using FastGate.Commands;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Commands to devices: a call of a tool or a raw message, which waits for a device that is not connected.</summary>
internal sealed class CommandEndpoints(IDeviceCommands commands)
{
    private const string OfDevice = $"{AdminRoutes.Prefix}/devices/{{id}}/commands";
    private const string One = $"{AdminRoutes.Prefix}/commands/{{command}}";
    private const int MaxTool = 128;
    private const double DefaultTimeout = 30;
    private const double MaxTimeout = 300;
    private const double MaxTtl = 30 * 24 * 3_600;

    public void Map(AdminRoutes routes)
    {
        routes.Act(
            HttpMethods.Post,
            OfDevice,
            new AdminOperation("device.command", "Calls a tool of a device or sends it a message, now or at its next hello")
            {
                Body = typeof(CommandBody),
                Answer = typeof(CommandReport),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status409Conflict, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status503ServiceUnavailable],
                Example = """{"tool":"self.audio_speaker.set_volume","arguments":{"volume":40},"timeout":10,"ttl":3600}""",
            },
            SubmitAsync);
        routes.Read(
            OfDevice,
            new AdminOperation("device.commands", "The commands of a device, newest first, also those that have ended")
            {
                Answer = typeof(CommandReportPage),
                Query = AdminQuery.Paging,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/devices/aa:bb:cc:dd:ee:ff/commands?limit=10",
            },
            ListAsync);
        routes.Read(
            One,
            new AdminOperation("command", "One command and its state: queued, sent, acknowledged, failed, expired or cancelled")
            {
                Answer = typeof(CommandReport),
                Errors = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/commands/1795852800000",
            },
            ShowAsync);
        routes.Act(
            HttpMethods.Delete,
            One,
            new AdminOperation("command.cancel", "Withdraws a command that was not sent to its device yet")
            {
                Answer = typeof(CommandReport),
                Errors = [StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/commands/1795852800000",
            },
            CancelAsync);
    }

    private async Task<AdminAnswer> SubmitAsync(AdminAct act)
    {
        CommandBody body = act.Read(AdminJson.Default.CommandBody);
        string deviceId = act.DeviceId();
        var timeout = TimeSpan.FromSeconds(Seconds("timeout", body.Timeout ?? DefaultTimeout, 0.1, MaxTimeout));
        TimeSpan? ttl = body.Ttl is { } given ? TimeSpan.FromSeconds(Seconds("ttl", given, 1, MaxTtl)) : null;
        if (body.Tool is null == body.Raw is null || (body.Raw is not null && body.Arguments is not null))
        {
            throw AdminQuery.Wrong("give either tool, with arguments if it has any, or raw");
        }

        if (body.Tool is { Length: 0 or > MaxTool } || body.Tool?.Any(char.IsControl) == true)
        {
            throw AdminQuery.Wrong($"tool is a name of 1 to {MaxTool} characters");
        }

        string payload = body.Raw is { } raw ? Text("raw", raw) : body.Arguments is { } arguments ? Text("arguments", arguments) : "{}";
        CommandAnswer answer = await commands.SubmitAsync(new NewCommand(deviceId, body.Tool, Encoding.UTF8.GetBytes(payload), timeout, ttl, act.Key));
        return AdminAnswer.Of(Report(answer), AdminJson.Default.CommandReport, StatusCodes.Status202Accepted);
    }

    private async Task<AdminAnswer> CancelAsync(AdminAct act)
    {
        long id = CommandId(act.Context);
        act.Target = id.ToString(CultureInfo.InvariantCulture);
        return AdminAnswer.Of(Report(await commands.CancelAsync(id)), AdminJson.Default.CommandReport);
    }

    private async Task ShowAsync(HttpContext context) =>
        await AdminJson.ReplyAsync(context, Report(await commands.FindAsync(CommandId(context))), AdminJson.Default.CommandReport);

    private async Task ListAsync(HttpContext context)
    {
        int limit = AdminQuery.Limit(context);
        long before = AdminQuery.AfterNumber(context, "the value of next") ?? long.MaxValue;
        CommandPage page = await commands.ListAsync(AdminQuery.DeviceId(context), before, limit);
        if (page.Refusal != CommandRefusal.None)
        {
            throw Problem(page.Refusal, page.Detail);
        }

        string? next = page.More ? page.Commands[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        var report = new CommandReportPage(page.Total, [.. page.Commands.Select(command => CommandReport.Of(command, commands.IsDurable))], next);
        await AdminJson.ReplyAsync(context, report, AdminJson.Default.CommandReportPage);
    }

    private CommandReport Report(CommandAnswer answer) =>
        answer.Refusal == CommandRefusal.None ? CommandReport.Of(answer.Command!, commands.IsDurable) : throw Problem(answer.Refusal, answer.Detail);

    private static AdminProblemException Problem(CommandRefusal refusal, string? detail) => refusal switch
    {
        CommandRefusal.TooLong => new(StatusCodes.Status413PayloadTooLarge, $"arguments and raw have at most {DeviceCommands.MaxPayload} bytes"),
        CommandRefusal.DeviceFull => new(StatusCodes.Status409Conflict, "too many commands wait for this device (Commands:PerDevice)"),
        CommandRefusal.Full => new(StatusCodes.Status429TooManyRequests, "too many commands wait (Commands:Total)"),
        CommandRefusal.Busy => new(StatusCodes.Status429TooManyRequests, "too many requests about commands are in progress; try again later"),
        CommandRefusal.OtherCommand => new(StatusCodes.Status409Conflict, "the same Idempotency-Key was used for another command to this device within the last hour"),
        CommandRefusal.Unknown => new(StatusCodes.Status404NotFound, "there is no such command"),
        CommandRefusal.TooLate => new(StatusCodes.Status409Conflict, "the command was sent or has ended"),
        _ => new(StatusCodes.Status503ServiceUnavailable, $"the store of commands has no answer ({detail}); with an Idempotency-Key the request can be repeated"),
    };

    private static long CommandId(HttpContext context) =>
        long.TryParse((string?)context.Request.RouteValues["command"], NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            ? id
            : throw Problem(CommandRefusal.Unknown, null);

    private static double Seconds(string name, double seconds, double least, double most) => seconds >= least && seconds <= most
        ? seconds
        : throw AdminQuery.Wrong(string.Create(CultureInfo.InvariantCulture, $"{name} is a number of seconds from {least} to {most}"));

    private static string Text(string name, JsonElement json) =>
        json.ValueKind == JsonValueKind.Object ? json.GetRawText() : throw AdminQuery.Wrong($"{name} is a JSON object");
}
