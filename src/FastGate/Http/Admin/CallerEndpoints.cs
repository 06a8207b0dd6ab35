namespace FastGate.Http.Admin;

/// <summary>The caller's own role, so that a client offers only what it may do.</summary>
internal static class CallerEndpoints
{
    public static void Map(AdminRoutes routes) => routes.Read(
        $"{AdminRoutes.Prefix}/caller",
        new AdminOperation("caller", "The role of the token that the request carries") { Answer = typeof(CallerReport), Example = "/api/v1/caller" },
        static context =>
        {
            AdminCaller caller = context.Features.Get<AdminCaller>()!;
            return AdminJson.ReplyAsync(context, new CallerReport(caller.Role, caller.Address), AdminJson.Default.CallerReport);
        });
}
