using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastGate.Http;

/// <summary>
/// Maps the handlers of requests. The framework's methods look for attributes of each handler, which none has; for that the native program builds a table
/// of all its methods at the start.
/// </summary>
internal static class RequestRoutes
{
    public static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <param name="routes">Where the route is added.</param>
    /// <param name="methods">Methods of HTTP; others get a 405. Null: all.</param>
    /// <param name="path">Pattern of the path.</param>
    /// <param name="answer">Answers a request.</param>
    /// <param name="metadata">Describes the route to those that list it.</param>
    public static void MapRequests(this IEndpointRouteBuilder routes, string[]? methods, string path, RequestDelegate answer, object? metadata = null)
    {
        var endpoint = new RouteEndpointBuilder(answer, RoutePatternFactory.Parse(path), order: 0) { DisplayName = path };
        if (methods is not null)
        {
            endpoint.Metadata.Add(new HttpMethodMetadata(methods));
        }

        if (metadata is not null)
        {
            endpoint.Metadata.Add(metadata);
        }

        routes.DataSources.Add(new DefaultEndpointDataSource(endpoint.Build()));
    }
}
