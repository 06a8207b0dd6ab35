using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The drain: start, status and cancel.</summary>
internal sealed class DrainEndpoints(IDrainActs drain)
{
    private const string Path = $"{AdminRoutes.Prefix}/drain";
    private const int GoingAway = 1001;
    private const int ServiceRestart = 1012;

    public void Map(AdminRoutes routes)
    {
        routes.Act(
            HttpMethods.Post,
            Path,
            new AdminOperation("drain", "Closes the devices that match, so many a second, and refuses new devices with 503 until it is cancelled")
            {
                Body = typeof(DrainBody),
                Answer = typeof(DrainReport),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status409Conflict],
                Example = """{"filter":{},"rate":1000,"close":1012}""",
            },
            StartAsync);
        routes.Read(
            Path,
            new AdminOperation("drain.report", "How far the drain is") { Answer = typeof(DrainReport), Example = Path },
            context => AdminJson.ReplyAsync(context, DrainReport.Of(drain.Report()), AdminJson.Default.DrainReport));
        routes.Act(
            HttpMethods.Delete,
            Path,
            new AdminOperation("drain.cancel", "Ends the drain: devices are accepted again")
            {
                Answer = typeof(DrainReport),
                Errors = [StatusCodes.Status404NotFound],
                Example = Path,
            },
            _ => drain.Cancel() ? Answer(StatusCodes.Status200OK) : throw new AdminProblemException(StatusCodes.Status404NotFound, "no drain is running"));
    }

    private Task<AdminAnswer> StartAsync(AdminAct act)
    {
        DrainBody body = act.Read(AdminJson.Default.DrainBody);
        DeviceFilter filter = ActInput.Filter(act, body.Filter);
        if (body.Close is not (null or GoingAway or ServiceRestart))
        {
            throw AdminQuery.Wrong($"close is {GoingAway} or {ServiceRestart}");
        }

        return drain.TryStart(filter, ActInput.Rate(body.Rate), body.Close == ServiceRestart) is string refusal
            ? throw new AdminProblemException(StatusCodes.Status409Conflict, refusal)
            : Answer(StatusCodes.Status202Accepted);
    }

    private Task<AdminAnswer> Answer(int status) =>
        Task.FromResult(AdminAnswer.Of(DrainReport.Of(drain.Report()), AdminJson.Default.DrainReport, status));
}
