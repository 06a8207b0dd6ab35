using System.Text.Json;
using FastGate.Configuration.Loading;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Acts on the server itself: log levels and the reload of the configuration.</summary>
internal sealed class ServerEndpoints(ILogLevels levels, Func<ReloadResult> reload)
{
    private const int MaxCategory = 200;
    private const string LevelPath = $"{AdminRoutes.Prefix}/log-level";

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            LevelPath,
            new AdminOperation("log-level", "The configured log levels and those that are changed now") { Answer = typeof(LogLevelPage), Example = LevelPath },
            context => AdminJson.ReplyAsync(context, new LogLevelPage(levels.Report()), AdminJson.Default.LogLevelPage));
        routes.Act(
            HttpMethods.Put,
            LevelPath,
            new AdminOperation("log-level.change", "Changes the log level of a category, or of all without one; for some minutes or until the end of the process")
            {
                Body = typeof(LogLevelBody),
                Answer = typeof(LogLevelPage),
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"category":"FastGate.Connections","level":"Debug","minutes":10}""",
            },
            act => Task.FromResult(ChangeLevel(act)));
        routes.ActOnAll(
            HttpMethods.Post,
            $"{AdminRoutes.Prefix}/reload",
            new AdminOperation("reload", "Reads the configuration files again; a configuration with an error is refused and the present one stays")
            {
                Answer = typeof(Reloaded),
                Query = [("nodes", "all: every node of the cluster reads its files; without it the node that is asked")],
                Errors = [StatusCodes.Status409Conflict],
                Example = $"{AdminRoutes.Prefix}/reload",
            },
            _ => Task.Run(Reload),
            Combine,
            IsForAll);
    }

    private static bool IsForAll(AdminAct act) => act.Context.Request.Query["nodes"] switch
    {
        [] => false,
        ["all"] => true,
        _ => throw AdminQuery.Wrong("nodes is all"),
    };

    private static AdminAnswer Combine(IReadOnlyList<AdminAnswer> answers, IReadOnlyList<string> problems)
    {
        bool changed = answers.Any(static answer => JsonSerializer.Deserialize(answer.Body.Span, AdminJson.Default.Reloaded)!.Changed);
        return AdminAnswer.Of(new Reloaded(changed) { Problems = problems.Count == 0 ? null : problems }, AdminJson.Default.Reloaded);
    }

    private AdminAnswer ChangeLevel(AdminAct act)
    {
        LogLevelBody body = act.Read(AdminJson.Default.LogLevelBody);
        TimeSpan? duration = ActInput.Duration(body.Minutes);
        if (body.Category is { } category && (category.Length is 0 or > MaxCategory || category.Any(static character => !char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '*'))))
        {
            throw AdminQuery.Wrong("category is the name of a log category, such as FastGate.Connections");
        }

        act.Target = body.Category ?? "Default";
        return levels.TrySet(body.Category, body.Level, duration)
            ? AdminAnswer.Of(new LogLevelPage(levels.Report()), AdminJson.Default.LogLevelPage)
            : AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, "too many categories are changed; remove a change with level null first");
    }

    private AdminAnswer Reload()
    {
        ReloadResult result = reload();
        return result.Succeeded
            ? AdminAnswer.Of(new Reloaded(result.Changed), AdminJson.Default.Reloaded)
            : AdminAnswer.Problem(StatusCodes.Status409Conflict, string.Join("; ", result.Failures));
    }
}
