using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Http.Dashboard;
using FastGate.Http.Talk;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>
/// Protects the admin listener and names the caller of each request. With a token, a request must carry it; a page of another site cannot. Without a token, only programs and pages of
/// this machine are served: its browser also runs pages of other sites, so the request must name a loopback host (an attacker can point another
/// name to this machine) and must not come from another origin.
/// </summary>
internal sealed class AdminGuard(Func<AdminTokens> tokens, GuessBackoff guesses, ILogger<AdminGuard> logger)
{
    private const string Scheme = "Bearer ";

    /// <summary>Limits the rate of the log line for rejected requests.</summary>
    private const long LogEveryMs = 1_000;

    private long _loggedMs = -LogEveryMs;

    public RequestDelegate Wrap(RequestDelegate next) => context =>
    {
        // Read for every request: a reload may have changed it.
        AdminTokens expected = tokens();
        if (expected.Operate is not null)
        {
            // A browser cannot send the token when it opens a page, and these pages have no secret.
            if (context.Request.Path.StartsWithSegments(TalkPage.Path) || DashboardPage.IsOwn(context.Request.Path))
            {
                return ServeAsync(context, AdminRole.View, next);
            }

            var source = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.None, 0);
            if (guesses.DelayOf(source) is var delay && delay > TimeSpan.Zero)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too many wrong tokens from this address; wait");
            }

            if (RoleOf(context.Request, expected) is AdminRole role)
            {
                guesses.OnRight(source);
                return ServeAsync(context, role, next);
            }

            // A request without a token is a browser or a probe, not a guess.
            if (context.Request.Headers.Authorization.Count > 0)
            {
                guesses.OnWrong(source);
            }

            context.Response.Headers.WWWAuthenticate = "Bearer";
            return RefuseAsync(context, StatusCodes.Status401Unauthorized, "the admin token is missing or wrong");
        }

        return WhyNotLocal(context) is string reason ? RefuseAsync(context, StatusCodes.Status403Forbidden, reason) : ServeAsync(context, AdminRole.Operate, next);
    };

    private static async Task ServeAsync(HttpContext context, AdminRole role, RequestDelegate next)
    {
        context.Features.Set(new AdminCaller(role, AddressOf(context)));
        await next(context);
        if (context.Response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentType: null } response
            && context.Request.Path.StartsWithSegments(AdminRoutes.Prefix))
        {
            // Routing answers without a body.
            await AdminJson.ErrorAsync(context, response.StatusCode, response.StatusCode == StatusCodes.Status405MethodNotAllowed
                ? "this path does not serve this method"
                : "this path is not served");
        }
    }

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { } address => address.ToString(),
    };

    private static AdminRole? RoleOf(HttpRequest request, AdminTokens expected)
    {
        string? header = request.Headers.Authorization.Count == 1 ? request.Headers.Authorization[0] : null;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        byte[] shown = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()));
        return Is(shown, expected.Operate) ? AdminRole.Operate : Is(shown, expected.View) ? AdminRole.View : null;
    }

    /// <summary>Comparing hashes of equal length reveals neither the token's bytes nor its length through time.</summary>
    private static bool Is(byte[] shown, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(shown, SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static string? WhyNotLocal(HttpContext context)
    {
        // The address is read at start, so the listener may be open to other machines although the configuration has no token any more.
        if (context.Connection.RemoteIpAddress is not IPAddress remote || !IPAddress.IsLoopback(remote))
        {
            return "without a token the admin listener serves this machine only";
        }

        if (!IsLoopbackHost(context.Request.Host.Host))
        {
            return "without a token the Host must be a loopback name or address";
        }

        if (context.Request.Headers.Origin is { Count: > 0 } origin &&
            !string.Equals(origin.ToString(), $"http://{context.Request.Host.Value}", StringComparison.OrdinalIgnoreCase))
        {
            return "a page of another origin may not ask";
        }

        // Following a link is harmless. Every other request that a page of another site makes a browser send is rejected.
        bool isLink = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Mode"] == "navigate";
        return context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "none" or "same-origin" || isLink
            ? null
            : "a page of another site may not ask";
    }

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private Task RefuseAsync(HttpContext context, int status, string reason)
    {
        long last = Volatile.Read(ref _loggedMs);
        if (Environment.TickCount64 - last >= LogEveryMs && Interlocked.CompareExchange(ref _loggedMs, Environment.TickCount64, last) == last)
        {
            logger.AdminRefused(AddressOf(context), reason);
        }

        return AdminJson.ErrorAsync(context, status, reason);
    }
}
