namespace FastGate.Http.Admin;

/// <summary>
/// Describes one route, as metadata of its endpoint: the role check reads it, and the OpenAPI document is made from it.
/// </summary>
/// <param name="Name">Names the operation in the audit log, the metrics and the document, such as <c>device.kick</c>.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record AdminOperation(string Name, string Summary)
{
    /// <summary>The role that a read needs. An act always needs <see cref="AdminRole.Operate"/>.</summary>
    public AdminRole Role { get; init; }

    /// <summary>Type of the JSON body, or null.</summary>
    public Type? Body { get; init; }

    /// <summary>Type of the JSON answer, or null for another content type or an answer without content.</summary>
    public Type? Answer { get; init; }

    /// <summary>Content type of the answer.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Status of the answer when all is well.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Statuses of problem answers beyond those that every route may give: 400, 401, 403 and 429.</summary>
    public IReadOnlyList<int> Errors { get; init; } = [];

    /// <summary>Query parameters with their meaning.</summary>
    public IReadOnlyList<(string Name, string Meaning)> Query { get; init; } = [];

    /// <summary>A body, or the path and query of a request without a body.</summary>
    public required string Example { get; init; }

    /// <summary>True for a route that changes something.</summary>
    public bool IsAct { get; init; }
}
