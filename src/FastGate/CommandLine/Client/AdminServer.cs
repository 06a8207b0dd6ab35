using System.Net;
using FastGate.CommandLine.Failures;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Client;

/// <summary>The admin listener that a command talks to, and the token for it.</summary>
internal sealed record AdminServer(Uri Address, string? Token)
{
    private const string ListenKey = $"{GatewayOptions.Section}:Admin:Listen";
    private const string TokenKey = $"{GatewayOptions.Section}:Admin:Token";
    private const string TokenVariable = "FastGate__Admin__Token";

    /// <summary>
    /// Selects the address: that of <c>--server</c>, else the listener in the settings of the command line, else the published one, else the configured
    /// one. The token of the configuration is sent to the server of this machine only; another server gets the token of a file or of the environment.
    /// </summary>
    /// <exception cref="CommandFailedException">A name or a file cannot be used.</exception>
    public static AdminServer Find(string[] settings, string? named, string? tokenFile, TextWriter warnings)
    {
        if (settings.Any(static setting => setting.TrimStart('-', '/').StartsWith(TokenKey, StringComparison.OrdinalIgnoreCase) && !IsFileKey(setting)))
        {
            warnings.WriteLine($"Warning: other users of this machine can read the token on the command line; use --token-file or the variable {TokenVariable}.");
        }

        Uri? server = named is null ? null : Parse(named);
        string? token = tokenFile is null ? null : ReadToken(tokenFile);
        if (server is { IsLoopback: false })
        {
            return new AdminServer(server, token ?? TokenOfEnvironment());
        }

        (GatewayOptions? options, string? configured) = Read(settings, isNeeded: server is null && PublishedAddress.FindAdmin() is null);
        return new AdminServer(server ?? Discover(settings, options), token ?? configured);
    }

    private static bool IsFileKey(string setting) =>
        setting.Split('=')[0] is var key && (key.EndsWith("_FILE", StringComparison.OrdinalIgnoreCase) || key.EndsWith("TokenFile", StringComparison.OrdinalIgnoreCase));

    /// <summary>A running server may have read another configuration than the one that is invalid now, so only its address needs a valid one.</summary>
    private static (GatewayOptions? Options, string? Token) Read(string[] settings, bool isNeeded)
    {
        try
        {
            using ConfigurationManager sources = ConfigurationSources.Read(settings);
            try
            {
                using var configuration = new GatewayConfiguration(sources, NullLogger<GatewayConfiguration>.Instance);
                return (configuration.Current, configuration.Current.Admin.Token);
            }
            catch (InvalidConfigurationException) when (!isNeeded)
            {
                return (null, sources[TokenKey]);
            }
        }
        catch (InvalidConfigurationException) when (!isNeeded)
        {
            return (null, TokenOfEnvironment());
        }
    }

    private static Uri Discover(string[] settings, GatewayOptions? options)
    {
        bool isNamed = ListenAddress.TryParse(new ConfigurationBuilder().AddCommandLine(settings).Build()[ListenKey], out IPEndPoint? listen) && listen.Port != 0;
        IPEndPoint server = isNamed ? listen! : PublishedAddress.FindAdmin() ?? ListenAddress.Parse(options!.Admin.Listen);
        return new Uri($"http://{Reachable(server)}");
    }

    /// <summary>An address that listens on all interfaces is reached on loopback.</summary>
    public static IPEndPoint Reachable(IPEndPoint server) => new(
        server.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : server.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : server.Address,
        server.Port);

    private static Uri Parse(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out Uri? server)
            && server.Scheme is "http" or "https" && server.UserInfo.Length == 0
            ? server
            : throw new CommandFailedException(ExitCode.Usage, $"\"{text}\" is no address of a server. Write http://host:port.");

    private static string ReadToken(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n') is { Length: > 0 } token && token.All(static c => c is > ' ' and <= '~')
                ? token
                : throw new CommandFailedException(ExitCode.Usage, $"{path} does not contain a token: one line of visible ASCII characters.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Usage, exception.Message);
        }
    }

    private static string? TokenOfEnvironment() =>
        Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token ? token
        : Environment.GetEnvironmentVariable($"{TokenVariable}_FILE") is { Length: > 0 } file ? ReadToken(file)
        : null;
}
