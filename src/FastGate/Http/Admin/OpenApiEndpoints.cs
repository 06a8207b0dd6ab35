namespace FastGate.Http.Admin;

/// <summary>
/// The OpenAPI document of the admin API. It is made with Microsoft.AspNetCore.OpenApi when the tests run, which also prove that it describes every route,
/// and is a file of the program: making it here would load the library and use reflection.
/// </summary>
internal static class OpenApiEndpoints
{
    public const string Path = "/openapi/v1.json";

    private const string Resource = "admin/openapi.json";

    public static void Map(AdminRoutes routes) => routes.Read(
        Path,
        new AdminOperation("openapi", "This document") { Example = Path },
        static async context =>
        {
            await using Stream document = typeof(OpenApiEndpoints).Assembly.GetManifestResourceStream(Resource)!;
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = document.Length;
            await document.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
}
