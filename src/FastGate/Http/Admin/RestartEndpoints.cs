using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Asks for a restart in place, and reports the last one.</summary>
internal sealed class RestartEndpoints(IGatewayRestart restart)
{
    public Task ReportAsync(HttpContext context) => AdminJson.ReplyAsync(context, restart.Report(), AdminJson.Default.RestartReport);

    /// <summary>202 when the restart is about to happen, 409 with the reason when it is refused.</summary>
    public async Task BeginAsync(HttpContext context)
    {
        var answer = new RestartAnswer(restart.Report().Restarts, DateTimeOffset.UtcNow);
        var begun = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        restart.Begin(reason => begun.TrySetResult(reason));
        if (await begun.Task.WaitAsync(context.RequestAborted) is string refusal)
        {
            await AdminJson.ErrorAsync(context, StatusCodes.Status409Conflict, refusal);
            return;
        }

        await AdminJson.ReplyAsync(context, answer, AdminJson.Default.RestartAnswer, StatusCodes.Status202Accepted);
    }
}
