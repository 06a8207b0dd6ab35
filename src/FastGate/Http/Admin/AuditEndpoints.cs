namespace FastGate.Http.Admin;

/// <summary>The list of the last acts.</summary>
internal static class AuditEndpoints
{
    public static void Map(AdminRoutes routes, AuditLog audit) => routes.Read(
        $"{AdminRoutes.Prefix}/audit",
        new AdminOperation("audit", "The last acts, newest first: who did what to what, and with which result")
        {
            Answer = typeof(AuditPage),
            Query = AdminQuery.Paging,
            Example = "/api/v1/audit?limit=10",
        },
        context => AdminJson.ReplyAsync(
            context, audit.Page(AdminQuery.AfterNumber(context, "the value of next"), AdminQuery.Limit(context)), AdminJson.Default.AuditPage));
}
