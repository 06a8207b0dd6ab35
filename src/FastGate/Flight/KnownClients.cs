namespace FastGate.Flight;

/// <summary>Recognises what a request was meant for by its path and its user agent, both in lower case. Allocates nothing.</summary>
internal static class KnownClients
{
    /// <summary>A longer text is recognised by its beginning.</summary>
    public const int MaxText = 256;

    private static readonly string[] s_httpPaths = ["/xiaozhi/ota", "/mcp/vision", "/api/v1", "/metrics", "/openapi", "/talk"];

    private static readonly string[] s_healthPaths = ["/health", "/healthz", "/livez", "/readyz", "/live", "/ready", "/ping", "/status"];

    private static readonly string[] s_healthAgents =
        ["kube-probe", "elb-healthchecker", "googlehc", "consul", "haproxy", "route53", "uptime", "blackbox", "prometheus"];

    private static readonly string[] s_scannedTexts =
    [
        "/.env", "/.git", "/.aws", "/wp-", ".php", ".asp", ".jsp", "/cgi-bin", "/boaform", "/actuator", "/solr", "/hnap1", "/manager/html", "/geoserver", "/owa/",
        "/gponform", "/setup.cgi", "/shell", "/phpmyadmin", "/autodiscover", "/remote/login", "/console", "/vendor/", "/sdk", "../", "%2e%2e",
    ];

    private static readonly string[] s_scannerAgents = ["zgrab", "masscan", "nmap", "censys", "shodan", "nuclei", "sqlmap", "nikto", "expanse", "internet-measurement"];

    public static bool IsScanner(ReadOnlySpan<char> path, ReadOnlySpan<char> agent) => HasOne(path, s_scannedTexts) || HasOne(agent, s_scannerAgents);

    public static bool IsHealthCheck(ReadOnlySpan<char> path, ReadOnlySpan<char> agent) => HasOne(agent, s_healthAgents) || IsOne(path, s_healthPaths);

    public static bool IsHttpPath(ReadOnlySpan<char> path) => HasOne(path, s_httpPaths);

    public static bool IsDevicePath(ReadOnlySpan<char> path) => path.Contains("/xiaozhi/v1", StringComparison.Ordinal);

    /// <summary>Each byte is one character.</summary>
    public static ReadOnlySpan<char> Lower(scoped ReadOnlySpan<byte> text, Span<char> buffer)
    {
        int length = Math.Min(text.Length, buffer.Length);
        for (int i = 0; i < length; i++)
        {
            buffer[i] = char.ToLowerInvariant((char)text[i]);
        }

        return buffer[..length];
    }

    private static bool HasOne(ReadOnlySpan<char> text, string[] parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOne(ReadOnlySpan<char> text, string[] whole)
    {
        foreach (string one in whole)
        {
            if (text.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }
}
