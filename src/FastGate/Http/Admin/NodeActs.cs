using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using FastGate.Cluster;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>
/// Has acts run by the other nodes of the cluster: by the node that holds the device, by all nodes, or by the one that knows what the act is about. The node
/// that was asked by the client checks the caller; a repeated key is recognised by the node that runs the act. Any thread.
/// </summary>
internal sealed class NodeActs(NodeRequests requests, ActRunner runner)
{
    private const string Repeat = "a repetition with the same Idempotency-Key does not do it twice";

    private readonly ConcurrentDictionary<string, (AdminOperation Operation, Func<AdminAct, Task<AdminAnswer>> Run)> _acts = new(StringComparer.Ordinal);

    /// <summary>Before the first request of another node. Null without a cluster.</summary>
    public static NodeActs? Create(NodeRequests? requests, ActRunner runner)
    {
        if (requests is null)
        {
            return null;
        }

        var acts = new NodeActs(requests, runner);
        requests.Run = acts.RunAsync;
        return acts;
    }

    /// <summary>Name of this node.</summary>
    public string Node => requests.Own();

    /// <summary>What other nodes may ask this one to run.</summary>
    public void Add(AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run) => _acts[operation.Name] = (operation, run);

    /// <summary>Runs an act on a device where the device is connected; here when it is connected to no node.</summary>
    public async Task<AdminAnswer> OnHolderAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run)
    {
        string deviceId = act.DeviceId();
        if (requests.Holds(deviceId))
        {
            return await run(act);
        }

        NodeResult result = await requests.AskHolderAsync(deviceId, ActOf(operation, act));
        return result.Outcome switch
        {
            NodeOutcome.Answered => AnswerOf(result.Answer!),
            NodeOutcome.NotElsewhere => await run(act),
            _ => throw NoAnswer(result),
        };
    }

    /// <summary>Reads about a device where it is connected; where it is known when it is connected to no node, and here when the node does not answer.</summary>
    public async Task<AdminAnswer> AtHolderAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> read)
    {
        string deviceId = act.DeviceId();
        if (requests.Holds(deviceId))
        {
            return await read(act);
        }

        NodeResult result = await requests.AskHolderAsync(deviceId, ActOf(operation, act));
        return result.Outcome switch
        {
            NodeOutcome.Answered => AnswerOf(result.Answer!),
            NodeOutcome.NotElsewhere => await WhereKnownAsync(operation, act, read),
            _ => await RunHereAsync(act, read) is { Status: not StatusCodes.Status404NotFound } own ? own
                : throw new AdminProblemException(StatusCodes.Status503ServiceUnavailable, ProblemOf(result)),
        };
    }

    /// <summary>Runs an act on the node of the path.</summary>
    public async Task<AdminAnswer> OnNodeAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run)
    {
        string node = act.Node();
        if (node == Node)
        {
            return await run(act);
        }

        NodeResult result = await requests.AskNodeAsync(node, ActOf(operation, act));
        return result.Outcome switch
        {
            NodeOutcome.Answered => AnswerOf(result.Answer!),
            NodeOutcome.Unreachable => throw new AdminProblemException(StatusCodes.Status404NotFound, $"no process answers for a node {node}"),
            _ => throw NoAnswer(result),
        };
    }

    /// <summary>Runs an act here, then on all other nodes at once. An act that is refused here is refused.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="act">The act.</param>
    /// <param name="run">Runs it here.</param>
    /// <param name="combine">Makes one answer of those of all nodes, the own one first, and of a line for each node without one.</param>
    public async Task<AdminAnswer> OnAllAsync(
        AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run, Func<IReadOnlyList<AdminAnswer>, IReadOnlyList<string>, AdminAnswer> combine)
    {
        AdminAnswer own = await run(act);
        if (!IsDone(own))
        {
            return own;
        }

        List<AdminAnswer> answers = [own];
        return combine(answers, await AskOthersAsync(ActOf(operation, act), answers));
    }

    /// <summary>Runs what follows from an act of this node on all other nodes. Returns a line for each node that has not done it.</summary>
    public Task<IReadOnlyList<string>> OnOthersAsync(AdminOperation operation, AdminAct act, string body) =>
        AskOthersAsync(ActOf(operation, act) with { Body = body, Key = null }, []);

    /// <summary>Reads here, and on the other nodes when what it is about is not known here.</summary>
    private async Task<AdminAnswer> WhereKnownAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> read)
    {
        AdminAnswer own = await RunHereAsync(act, read);
        if (own.Status != StatusCodes.Status404NotFound)
        {
            return own;
        }

        IReadOnlyList<NodeResult> results = await requests.AskOthersAsync(ActOf(operation, act));
        return results.FirstOrDefault(static result => result.Answer is { Status: not StatusCodes.Status404NotFound })?.Answer is { } answer ? AnswerOf(answer)
            : results.FirstOrDefault(static result => result.Answer is null) is { } problem
                ? throw new AdminProblemException(StatusCodes.Status503ServiceUnavailable, $"not known to the nodes that have answered; {ProblemOf(problem)}")
            : own;
    }

    private async Task<IReadOnlyList<string>> AskOthersAsync(NodeAct asked, List<AdminAnswer> answers)
    {
        List<string> problems = [];
        foreach (NodeResult result in await requests.AskOthersAsync(asked))
        {
            if (result.Answer is null)
            {
                problems.Add(ProblemOf(result));
            }
            else if (AnswerOf(result.Answer) is var answer && IsDone(answer))
            {
                answers.Add(answer);
            }
            else
            {
                problems.Add($"node {result.Node}: {DetailOf(result.Answer)}");
            }
        }

        return problems;
    }

    /// <summary>An act that another node asks for.</summary>
    public async Task<NodeAnswer> RunAsync(NodeAct asked)
    {
        AdminAnswer answer = _acts.TryGetValue(asked.Operation, out (AdminOperation Operation, Func<AdminAct, Task<AdminAnswer>> Run) known)
            ? await RunAsync(asked, known.Operation, known.Run)
            : AdminAnswer.Problem(StatusCodes.Status501NotImplemented, "its version does not have this act");
        return new NodeAnswer(answer.Status, answer.ContentType, Encoding.UTF8.GetString(answer.Body.Span));
    }

    private Task<AdminAnswer> RunAsync(NodeAct asked, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = asked.Method;
        context.Request.Path = new PathString(asked.Path);
        context.Request.QueryString = new QueryString(asked.Query);
        context.Request.ContentType = asked.ContentType;
        foreach ((string name, string value) in asked.Route)
        {
            context.Request.RouteValues[name] = value;
        }

        var act = new AdminAct(context, new AdminCaller(AdminRole.Operate, asked.Caller), asked.RequestId, Encoding.UTF8.GetBytes(asked.Body)) { Key = asked.Key };
        return operation.IsAct ? runner.RunAsync(operation, act, run) : RunHereAsync(act, run);
    }

    private static async Task<AdminAnswer> RunHereAsync(AdminAct act, Func<AdminAct, Task<AdminAnswer>> run)
    {
        try
        {
            return await run(act);
        }
        catch (AdminProblemException problem)
        {
            return AdminAnswer.Problem(problem.Status, problem.Message);
        }
    }

    private static NodeAct ActOf(AdminOperation operation, AdminAct act)
    {
        HttpRequest request = act.Context.Request;
        return new NodeAct
        {
            Operation = operation.Name,
            Method = request.Method,
            Path = request.Path.Value ?? "/",
            Query = request.QueryString.Value ?? "",
            Route = request.RouteValues.ToDictionary(static part => part.Key, static part => (string?)part.Value ?? ""),
            ContentType = request.ContentType,
            Body = Encoding.UTF8.GetString(act.Body.Span),
            Key = act.Key,
            RequestId = act.RequestId,
            Caller = act.Caller.Address,
        };
    }

    private static bool IsDone(AdminAnswer answer) => answer.Status < StatusCodes.Status400BadRequest;

    private static AdminAnswer AnswerOf(NodeAnswer answer) => new(answer.Status, answer.ContentType, Encoding.UTF8.GetBytes(answer.Body));

    private static string DetailOf(NodeAnswer answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, AdminJson.Default.AdminProblem)?.Detail ?? $"status {answer.Status}";
        }
        catch (JsonException)
        {
            return $"status {answer.Status}";
        }
    }

    private AdminProblemException NoAnswer(NodeResult result) => result.Outcome == NodeOutcome.Unknown
        ? new AdminProblemException(StatusCodes.Status504GatewayTimeout, $"{ProblemOf(result)}; {Repeat}")
        : new AdminProblemException(StatusCodes.Status503ServiceUnavailable, ProblemOf(result));

    private string ProblemOf(NodeResult result) => result.Outcome switch
    {
        NodeOutcome.Unknown => FormattableString.Invariant($"node {result.Node} has not answered within {requests.Limit.TotalSeconds:0.#} s, whether it was done is unknown"),
        NodeOutcome.Unreachable => $"node {result.Node} is not reached, nothing was done there; try again later",
        NodeOutcome.Busy => $"too many requests to node {result.Node} are in progress, nothing was done there; try again later",
        NodeOutcome.Moved => "the device is between two nodes, nothing was done; try again",
        _ => $"the other nodes are not reached ({result.Detail}), nothing was done there; try again later",
    };
}
