using Microsoft.AspNetCore.WebUtilities;

namespace FastGate.Http.Admin;

/// <summary>
/// Every error answer of the API, in the form of RFC 9457. <paramref name="Error"/> repeats <paramref name="Detail"/> for clients of earlier versions.
/// </summary>
internal sealed record AdminProblem(string Type, string Title, int Status, string Detail, string Error)
{
    public const string ContentType = "application/problem+json";

    public static AdminProblem Of(int status, string detail) => new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, detail);
}
