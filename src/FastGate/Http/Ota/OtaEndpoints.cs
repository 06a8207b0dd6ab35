using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Ota;

/// <summary>The OTA path, with and without the final slash.</summary>
internal static class OtaEndpoints
{
    public const string Path = "/xiaozhi/ota/";

    public static void Map(IEndpointRouteBuilder routes, OtaService ota)
    {
        routes.MapCrossOrigin(Path, ota.GetAsync, ota.PostAsync);
        routes.MapCrossOrigin($"{Path}activate", ota.GetAsync, ota.ActivateAsync);
        routes.MapRequests(null, "/", ota.StartPageAsync);
    }
}
