using System.Text.Json.Serialization.Metadata;
using FastGate.Http.Server;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The answer to an act. It is bytes, because a repeated request gets the same answer again.</summary>
internal sealed record AdminAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The target of its act, for the audit log.</summary>
    public string? Target { get; init; }

    /// <summary>204: done, nothing to say.</summary>
    public static AdminAnswer Done { get; } = new(StatusCodes.Status204NoContent, null, default);

    public static AdminAnswer Of<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new(status, JsonReply.ContentType, JsonReply.Serialize(value, type));

    public static AdminAnswer Problem(int status, string detail) =>
        new(status, AdminProblem.ContentType, JsonReply.Serialize(AdminProblem.Of(status, detail), AdminJson.Default.AdminProblem));

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (ContentType is null)
        {
            return Task.CompletedTask;
        }

        context.Response.ContentType = ContentType;
        context.Response.ContentLength = Body.Length;
        return context.Response.Body.WriteAsync(Body, context.RequestAborted).AsTask();
    }
}
