using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Admin;

/// <summary>
/// Maps the routes of the admin API: each has a role, an <see cref="AdminOperation"/> that describes it, and problem answers. Acts are also
/// idempotent, audited and counted (<see cref="ActRunner"/>).
/// </summary>
/// <param name="routes">Where the routes are mapped.</param>
/// <param name="acts">Runs acts.</param>
/// <param name="nodes">The other nodes; null without a cluster.</param>
internal sealed class AdminRoutes(IEndpointRouteBuilder routes, ActRunner acts, NodeActs? nodes = null)
{
    public const string Prefix = "/api/v1";

    /// <summary>The other nodes; null without a cluster.</summary>
    public NodeActs? Nodes => nodes;

    /// <summary>When another node is to act: it is not reached, or does not answer.</summary>
    private static readonly int[] s_errorsOfOthers = [StatusCodes.Status503ServiceUnavailable, StatusCodes.Status504GatewayTimeout];

    /// <summary>Name of this node; null without a cluster.</summary>
    public string? Node => nodes?.Node;

    /// <summary>Creates a separate pipeline for middleware that answers one route.</summary>
    public IApplicationBuilder CreateBranch() => routes.CreateApplicationBuilder();

    /// <summary>The path is that of the listener. The handler writes its answer, which may be a stream, or throws <see cref="AdminProblemException"/>.</summary>
    public void Read(string path, AdminOperation operation, RequestDelegate answer) =>
        routes.MapRequests(RequestRoutes.Reads, path, context => ReadAsync(context, operation, answer), operation);

    /// <summary>The handler is not cancelled when the client disconnects, because its answer is kept for a repeated request.</summary>
    public void Act(string method, string path, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        AdminOperation act = ActOf(operation);
        routes.MapRequests([method], path, context => ActAsync(context, act, run), act);
    }

    /// <summary>An act on the device of the path, which is run by the node that the device is connected to.</summary>
    public void ActOnHolder(string method, string path, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        AdminOperation act = ActOf(operation with { Errors = [.. operation.Errors.Union(s_errorsOfOthers)] });
        nodes?.Add(act, run);
        Act(method, path, act, nodes is null ? run : asked => nodes.OnHolderAsync(act, asked, run));
    }

    /// <summary>An act on the node of the path, which is run by that node.</summary>
    public void ActOnNode(string method, string path, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        AdminOperation act = ActOf(operation with { Errors = [.. operation.Errors.Union(s_errorsOfOthers)] });
        nodes?.Add(act, run);
        Act(method, path, act, nodes is null ? run : asked => nodes.OnNodeAsync(act, asked, run));
    }

    /// <summary>An act that is run by all nodes, unless this one refuses it.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Of the listener.</param>
    /// <param name="operation">Describes the act.</param>
    /// <param name="run">Runs it on one node.</param>
    /// <param name="combine">Makes one answer of those of all nodes, and of a line for each node without one.</param>
    /// <param name="isForAll">Whether a request is for all nodes; without it every one is.</param>
    public void ActOnAll(
        string method,
        string path,
        AdminOperation operation,
        Func<AdminAct, Task<AdminAnswer>> run,
        Func<IReadOnlyList<AdminAnswer>, IReadOnlyList<string>, AdminAnswer> combine,
        Func<AdminAct, bool>? isForAll = null)
    {
        AdminOperation act = ActOf(operation);
        nodes?.Add(act, run);
        Act(method, path, act, nodes is null ? run : asked => isForAll?.Invoke(asked) == false ? run(asked) : nodes.OnAllAsync(act, asked, run, combine));
    }

    /// <summary>A read about the device of the path, which is answered by the node that the device is connected to.</summary>
    public void ReadAtHolder(string path, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> read)
    {
        nodes?.Add(operation, read);
        Read(path, operation, async context =>
        {
            AdminAct act = ReadOf(context, operation);
            await (nodes is null ? await read(act) : await nodes.AtHolderAsync(operation, act, read)).WriteAsync(context);
        });
    }

    /// <summary>A list of what all nodes have.</summary>
    /// <param name="path">Of the listener.</param>
    /// <param name="operation">Describes the read.</param>
    /// <param name="read">Reads what one node has.</param>
    /// <param name="combine">Makes one answer of those of all nodes, and of a line for each node without one.</param>
    /// <param name="isOfAll">Whether a request is about all nodes; without it every one is.</param>
    public void ReadOnAll(
        string path,
        AdminOperation operation,
        Func<AdminAct, Task<AdminAnswer>> read,
        Func<AdminAct, IReadOnlyList<AdminAnswer>, IReadOnlyList<string>, AdminAnswer> combine,
        Func<AdminAct, bool>? isOfAll = null)
    {
        nodes?.Add(operation, read);
        Read(path, operation, async context =>
        {
            AdminAct act = ReadOf(context, operation);
            AdminAnswer answer = nodes is null || isOfAll?.Invoke(act) == false
                ? await read(act)
                : await nodes.OnAllAsync(operation, act, read, (answers, problems) => combine(act, answers, problems));
            await answer.WriteAsync(context);
        });
    }

    private static AdminAct ReadOf(HttpContext context, AdminOperation operation) => new(context, Caller(context, operation), operation.Name, default);

    private static AdminOperation ActOf(AdminOperation operation) => operation with { IsAct = true, Role = AdminRole.Operate };

    private static async Task ReadAsync(HttpContext context, AdminOperation operation, RequestDelegate answer)
    {
        try
        {
            Caller(context, operation);
            await answer(context);
        }
        catch (AdminProblemException problem) when (!context.Response.HasStarted)
        {
            await AdminJson.ErrorAsync(context, problem.Status, problem.Message);
        }
    }

    private async Task ActAsync(HttpContext context, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        AdminAnswer answer;
        try
        {
            answer = await acts.RunAsync(context, Caller(context, operation), operation, run);
        }
        catch (AdminProblemException problem)
        {
            answer = AdminAnswer.Problem(problem.Status, problem.Message);
        }

        await answer.WriteAsync(context);
    }

    private static AdminCaller Caller(HttpContext context, AdminOperation operation) =>
        context.Features.Get<AdminCaller>() is { } caller && caller.Role >= operation.Role
            ? caller
            : throw new AdminProblemException(StatusCodes.Status403Forbidden, "this needs the token of the role operate (Admin:Token)");
}
