using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FastGate.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>Runs acts: reads the body, answers a repeated <c>Idempotency-Key</c> with the recorded answer, writes the audit log and counts.</summary>
internal sealed class ActRunner(ActReplays replays, AuditLog audit, AdminMetrics metrics, ILogger logger)
{
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>The answer names the id under which the act is in the audit log.</summary>
    public const string IdHeader = "Request-Id";

    private const int MaxKey = 128;

    private static readonly SearchValues<char> s_printable = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(static character => (char)character)]);

    public async Task<AdminAnswer> RunAsync(HttpContext context, AdminCaller caller, AdminOperation operation, Func<AdminAct, Task<AdminAnswer>> run)
    {
        string? key = ReadKey(context.Request);
        byte[] body = await ReadBodyAsync(context.Request);
        var act = new AdminAct(context, caller, key ?? RandomNumberGenerator.GetHexString(16, lowercase: true), body) { Key = key };
        context.Response.Headers[IdHeader] = act.RequestId;
        return await RunAsync(operation, act, run);
    }

    /// <summary>Also for an act that was read elsewhere.</summary>
    public async Task<AdminAnswer> RunAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run)
    {
        bool replayed = false;
        AdminAnswer answer = act.Key is null
            ? await RunOnceAsync(operation, act, run)
            : await replays.RunAsync(act.Key, FingerprintOf(act.Context.Request, act.Body.Span), () => RunOnceAsync(operation, act, run), () => replayed = true);
        string outcome = replayed ? "repeated" : OutcomeOf(answer.Status);
        audit.Add(act.Caller, operation.Name, answer.Target, answer.Status, outcome, act.RequestId);
        metrics.Acted(operation.Name, outcome);
        return answer;
    }

    private static string OutcomeOf(int status) => status switch
    {
        < 400 => "done",
        < 500 => "refused",
        _ => "failed",
    };

    private async Task<AdminAnswer> RunOnceAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run) =>
        await RunGuardedAsync(operation, act, run) with { Target = act.Target };

    private async Task<AdminAnswer> RunGuardedAsync(AdminOperation operation, AdminAct act, Func<AdminAct, Task<AdminAnswer>> run)
    {
        try
        {
            return await run(act);
        }
        catch (AdminProblemException problem)
        {
            return AdminAnswer.Problem(problem.Status, problem.Message);
        }
        catch (Exception exception)
        {
            logger.AdminActFailed(exception, operation.Name);
            return AdminAnswer.Problem(StatusCodes.Status500InternalServerError, "the act failed; the server's log has the reason");
        }
    }

    private static string? ReadKey(HttpRequest request)
    {
        if (request.Headers[KeyHeader] is not { Count: > 0 } values)
        {
            return null;
        }

        return values is [{ Length: > 0 and <= MaxKey } key] && !key.AsSpan().ContainsAnyExcept(s_printable)
            ? key
            : throw AdminQuery.Wrong($"{KeyHeader} is 1 to {MaxKey} printable ASCII characters without spaces");
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException exception)
        {
            throw new AdminProblemException(exception.StatusCode, "the body is too large or not complete");
        }
    }

    /// <summary>Two requests are the same act when method, path, query and body are equal.</summary>
    private static string FingerprintOf(HttpRequest request, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{request.Method}\n{request.Path}\n{request.QueryString}\n")));
        hash.AppendData(body);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
