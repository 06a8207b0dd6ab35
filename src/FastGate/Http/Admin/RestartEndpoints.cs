using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Asks for a restart in place, and reports the last one.</summary>
internal sealed class RestartEndpoints(IGatewayRestart restart)
{
    private const string Path = $"{AdminRoutes.Prefix}/restart";

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            Path,
            new AdminOperation("restart.report", "The last restart in place") { Answer = typeof(RestartReport), Example = Path },
            context => AdminJson.ReplyAsync(context, restart.Report(), AdminJson.Default.RestartReport));
        routes.Act(
            HttpMethods.Post,
            Path,
            new AdminOperation("restart", "Restarts the program in place, without closing connections of devices")
            {
                Answer = typeof(RestartAnswer),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status409Conflict],
                Example = Path,
            },
            _ => BeginAsync());
    }

    /// <summary>202 when the restart is about to happen, 409 with the reason when it is refused.</summary>
    private async Task<AdminAnswer> BeginAsync()
    {
        var answer = new RestartAnswer(restart.Report().Restarts, DateTimeOffset.UtcNow);
        var begun = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        restart.Begin(reason => begun.TrySetResult(reason));
        return await begun.Task is string refusal
            ? AdminAnswer.Problem(StatusCodes.Status409Conflict, refusal)
            : AdminAnswer.Of(answer, AdminJson.Default.RestartAnswer, StatusCodes.Status202Accepted);
    }
}
