using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>One request to change something. Used by one thread at a time.</summary>
internal sealed class AdminAct(HttpContext context, AdminCaller caller, string requestId, ReadOnlyMemory<byte> body)
{
    public HttpContext Context => context;

    public AdminCaller Caller => caller;

    public ReadOnlyMemory<byte> Body => body;

    /// <summary>The request's <c>Idempotency-Key</c>; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>The request's <c>Idempotency-Key</c>, or a random id.</summary>
    public string RequestId => requestId;

    /// <summary>What the act is about, for the audit log: an id, an address or a short description. Never a text, a secret or an argument.</summary>
    public string? Target { get; set; }

    public bool HasBody => !body.IsEmpty;

    /// <summary>The device id of the path, which becomes the target.</summary>
    public string DeviceId() => Target = AdminQuery.DeviceId(context);

    /// <summary>The name of the node of the path, which becomes the target.</summary>
    public string Node() => Target = (string?)context.Request.RouteValues["node"] ?? "";

    /// <summary>The body. Ends the request with 400 or 415 when it is not such a document.</summary>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        // A form of another site can send text, but not this content type.
        if (!context.Request.HasJsonContentType())
        {
            throw new AdminProblemException(StatusCodes.Status415UnsupportedMediaType, "the body must be JSON with Content-Type: application/json");
        }

        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new AdminProblemException(StatusCodes.Status400BadRequest, "the body must be a JSON object");
        }
        catch (JsonException exception)
        {
            // The message of the exception may quote the body.
            throw new AdminProblemException(
                StatusCodes.Status400BadRequest,
                $"the body is not the expected JSON at {exception.Path ?? "$"} (line {exception.LineNumber + 1}): see /openapi/v1.json for its properties");
        }
    }
}
