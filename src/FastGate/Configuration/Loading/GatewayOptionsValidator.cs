using System.Globalization;
using System.Net;
using FastGate.Configuration.Options;

namespace FastGate.Configuration.Loading;

/// <summary>What the values of bound options must satisfy. Pure: the same options give the same list, all failures at once.</summary>
internal static class GatewayOptionsValidator
{
    private const int MaxText = 4_096;
    private const int MaxPrompt = 65_536;
    private const int MaxListItems = 1_000;
    private const int MaxAllowedDevices = 100_000;

    /// <summary>As long as an id may be (identity rules of the handshake).</summary>
    private const int MaxDeviceId = 128;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyList<OptionFailure> Validate(GatewayOptions options)
    {
        var rules = new OptionRules();
        CheckListeners(rules, options);
        CheckDevices(rules, options);
        CheckAuth(rules, options.Auth);
        CheckSession(rules, options);
        CheckWork(rules, options);
        return rules.Failures;
    }

    private static void CheckListeners(OptionRules rules, GatewayOptions o)
    {
        IPEndPoint? devices = Listen(rules, "Devices:Listen", o.Devices.Listen);
        IPEndPoint? http = Listen(rules, "Http:Listen", o.Http.Listen);
        IPEndPoint? admin = Listen(rules, "Admin:Listen", o.Admin.Listen);
        RequireDistinctPorts(rules, "Http:Listen", http, "Devices:Listen", devices);
        RequireDistinctPorts(rules, "Admin:Listen", admin, "Devices:Listen", devices);
        RequireDistinctPorts(rules, "Admin:Listen", admin, "Http:Listen", http);

        if (o.Admin.Token is string token && !(token.Length <= 1_024 && IsVisibleAscii(token)))
        {
            rules.Fail("Admin:Token", OptionFailure.Masked, "1 to 1,024 visible ASCII characters without spaces");
        }

        if (admin is not null && !IPAddress.IsLoopback(admin.Address) && o.Admin.Token is null)
        {
            rules.Fail("Admin:Listen", o.Admin.Listen, "a loopback address such as 127.0.0.1:8002, or any address once Admin:Token is set");
        }

        if (o.Http.WebSocketUrl is string url &&
            !(Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss" && uri.Host.Length > 0 && url.Length <= 512))
        {
            rules.Fail("Http:WebSocketUrl", url, "an absolute ws:// or wss:// URL of at most 512 characters, as in ws://192.168.1.25:8000/xiaozhi/v1/");
        }

        if (o.Http.TimezoneOffset is TimeSpan offset)
        {
            // The ends of the zones in use.
            rules.Range(offset, TimeSpan.FromHours(-12), TimeSpan.FromHours(14), "o.Http.TimezoneOffset");
        }
    }

    private static void CheckDevices(OptionRules rules, GatewayOptions o)
    {
        rules.Range(o.Devices.EventLoops, 0, 1_024, "0 means one per core");
        rules.Range(o.Devices.MaxConnections, 1, 10_000_000);

        rules.Range(o.Devices.Timeouts.Handshake, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Devices.Timeouts.Hello, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Devices.Timeouts.Idle, s_shortest, TimeSpan.FromDays(7));
        rules.Range(o.Devices.Timeouts.IdleGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        rules.Range(o.Devices.Timeouts.Close, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Devices.Timeouts.Write, s_shortest, TimeSpan.FromMinutes(10));

        rules.Range(o.Devices.Limits.RequestLine, 64, 16 * 1024);
        rules.Range(o.Devices.Limits.Headers, 256, 32 * 1024);
        rules.Range(o.Devices.Limits.HeaderCount, 5, 1_000, "an upgrade has at least five");
        rules.Range(o.Devices.Limits.Frame, 125, 1024 * 1024 * 1024, "a control frame has up to 125 bytes");
        rules.Range(o.Devices.Limits.Message, 125, 1024 * 1024 * 1024);
        rules.Range(o.Devices.Limits.Fragments, 1, 16_777_216);
        rules.Range(o.Devices.Limits.Outbound, 1_024, 1024 * 1024 * 1024);
        if (o.Devices.Limits.OutboundFrame != 0)
        {
            rules.Range(o.Devices.Limits.OutboundFrame, 16, o.Devices.Limits.Outbound, "or 0 for whole messages; at most Devices:Limits:Outbound");
        }
    }

    private static void CheckAuth(OptionRules rules, AuthOptions o)
    {
        rules.Range(o.ExpireSeconds, 1, 100L * 366 * 24 * 3600, null, "o.Auth.ExpireSeconds");
        if (o.Key is { Length: > MaxText })
        {
            rules.Fail("Auth:Key", OptionFailure.Masked, string.Create(CultureInfo.InvariantCulture, $"at most {MaxText:N0} characters"));
        }

        Items(rules, "Auth:Tokens", o.Tokens, MaxListItems, secret: true,
            static token => token.Length is > 0 and <= 1_024 && IsVisibleAscii(token), "1 to 1,024 visible ASCII characters without spaces");
        Items(rules, "Auth:AllowedDevices", o.AllowedDevices, MaxAllowedDevices, secret: false,
            static id => id.Length is > 0 and <= MaxDeviceId && !id.Any(char.IsControl), "a device id of 1 to 128 characters without control characters");
    }

    private static void CheckSession(OptionRules rules, GatewayOptions o)
    {
        rules.Length(o.Session.Prompt, MaxPrompt);
        rules.Length(o.Session.EndPrompt, MaxText);
        rules.Length(o.Session.Greeting, MaxText);
        rules.Length(o.Session.BusyText, MaxText);
        rules.Length(o.Session.SystemErrorResponse, MaxText);
        Items(rules, "Session:WakeupWords", o.Session.WakeupWords, MaxListItems, secret: false, IsWord, "1 to 256 characters");
        Items(rules, "Session:ExitCommands", o.Session.ExitCommands, MaxListItems, secret: false, IsWord, "1 to 256 characters");

        static bool IsWord(string word) => word.Length is > 0 and <= 256;
    }

    private static void CheckWork(OptionRules rules, GatewayOptions o)
    {
        rules.Length(o.Llm.Default, 256);
        rules.Range(o.Llm.Timeouts.Connect, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Llm.Timeouts.FirstToken, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Llm.Timeouts.BetweenTokens, s_shortest, TimeSpan.FromMinutes(10));
        rules.Range(o.Llm.Timeouts.Total, s_shortest, TimeSpan.FromHours(1));

        rules.Range(o.Workers.Conversation.Queue, 1, 1_000_000);
        rules.Range(o.Workers.Conversation.Concurrency, 1, 65_536);
        rules.Range(o.Workers.Memory.Queue, 1, 10_000_000);

        rules.Length(o.Memory.Path, MaxText);
        rules.Range(o.Memory.SummarizeEvery, 1, 100_000);
        rules.Range(o.Memory.RetentionDays, 0, 36_500, "0 keeps them for ever");

        rules.Range(o.Drain.Deadline, TimeSpan.Zero, TimeSpan.FromHours(1));
        rules.Range(o.Drain.LoadBalancerWait, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    private static IPEndPoint? Listen(OptionRules rules, string key, string value)
    {
        if (ListenAddress.TryParse(value, out IPEndPoint endPoint))
        {
            return endPoint;
        }

        rules.Fail(key, value, ListenAddress.Allowed);
        return null;
    }

    /// <summary>Two doors on one port: whichever binds second would fail, or with SO_REUSEPORT take half of the other's visitors.</summary>
    private static void RequireDistinctPorts(OptionRules rules, string key, IPEndPoint? one, string otherKey, IPEndPoint? other)
    {
        if (one is not null && other is not null && one.Port != 0 && one.Port == other.Port &&
            (one.Address.Equals(other.Address) || IsAny(one.Address) || IsAny(other.Address)))
        {
            rules.Fail(key, one.ToString(), $"a port that {otherKey} ({other}) does not use");
        }
    }

    private static void Items(
        OptionRules rules, string key, IReadOnlyList<string> items, int most, bool secret, Func<string, bool> isGood, string allowed)
    {
        if (items.Count > most)
        {
            rules.Fail(key, $"{items.Count} items", string.Create(CultureInfo.InvariantCulture, $"at most {most:N0} items"));
            return;
        }

        for (int i = 0; i < items.Count; i++)
        {
            if (!isGood(items[i]))
            {
                rules.Fail($"{key}:{i}", secret ? OptionFailure.Masked : items[i], allowed);
            }
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsVisibleAscii(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
