using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Admin;

/// <summary>
/// Maps the routes of the admin API: each has a role, an <see cref="AdminOperation"/> that describes it, and problem answers. Acts are also
/// idempotent, audited and counted (<see cref="ActRunner"/>).
/// </summary>
internal sealed class AdminRoutes(IEndpointRouteBuilder routes, ActRunner acts)
{
    public const string Prefix = "/api/v1";

    /// <summary>Creates a separate pipeline for middleware that answers one route.</summary>
    public IApplicationBuilder CreateBranch() => routes.CreateApplicationBuilder();

    /// <summary>The path is that of the listener. The handler writes its answer, which may be a stream, or throws <see cref="AdminProblemException"/>.</summary>
    public void Read(string path, AdminOperation operation, RequestDelegate answer) =>
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)(context => ReadAsync(context, operation, answer))).WithMetadata(operation);

    /// <summary>The handler is not cancelled when the client disconnects, because its answer is kept for a repeated request.</summary>
    public void Act(string method, string path, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        AdminOperation act = operation with { IsAct = true, Role = AdminRole.Operate };
        routes.MapMethods(path, [method], (RequestDelegate)(context => ActAsync(context, act, run))).WithMetadata(act);
    }

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
