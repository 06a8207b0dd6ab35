using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Vision;

/// <summary>The path that devices with a camera send pictures to; the old server's.</summary>
internal static class VisionEndpoints
{
    public const string Path = "/mcp/vision/explain";

    public static void Map(IEndpointRouteBuilder routes, VisionService vision) => routes.MapCrossOrigin(Path, vision.GetAsync, vision.PostAsync);
}
