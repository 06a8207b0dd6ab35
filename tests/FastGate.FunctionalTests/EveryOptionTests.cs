using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests;

/// <summary>
/// Every option reaches the server under test, which <c>config check</c> shows with the value that was bound. A program whose option records were
/// trimmed would start with its defaults, without authentication.
/// </summary>
public sealed class EveryOptionTests : IDisposable
{
    /// <summary>Where the value next to the default is not allowed, or there is no default.</summary>
    private static readonly Dictionary<string, string> s_values = new()
    {
        ["Admin:Listen"] = "127.0.0.2:18002",
        ["Cluster:Url"] = "ws://node.example/xiaozhi/v1/",
        ["Config"] = "",
        ["Devices:Limits:OutboundFrame"] = "4096",
        ["Devices:Limits:UnfinishedMessages"] = "16777216",
        ["Devices:AllowedOrigins"] = "https://app.example.org",
        ["Devices:Listen"] = "127.0.0.2:18000",
        ["Devices:Rates:Exempt"] = "198.51.100.0/24",
        ["Devices:TrustedPeers"] = "10.0.0.0/8",
        ["Devices:TrustedProxies"] = "10.0.0.0/8",
        ["Devices:Tls:Password"] = "another-0123456789",
        ["Http:Listen"] = "127.0.0.2:18003",
        ["Http:PublicHosts"] = "voice.example.org",
        ["Http:TimezoneOffset"] = "08:00:00",
        ["Http:WebSocketUrl"] = "ws://gateway.example/xiaozhi/v1/",
        ["Llm:Default"] = "another",
        ["Memory:ConnectionString"] = "Host=database.example",
        ["Memory:TablePrefix"] = "another_",
        ["Telemetry:Endpoint"] = "http://collector.example:4317",
        ["Vision:Url"] = "http://gateway.example/mcp/vision/explain",
        ["Webhooks:All"] = "http://receiver.example/all",
        ["Webhooks:Connected"] = "http://receiver.example/connected",
        ["Webhooks:Disconnected"] = "http://receiver.example/disconnected",
        ["Webhooks:Registered"] = "http://receiver.example/registered",
        ["Webhooks:TurnFinished"] = "http://receiver.example/turns",
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-options-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_option_is_bound_to_another_value_than_its_default()
    {
        File.WriteAllText(Path.Combine(_directory, "old.yaml"), "");
        var values = OptionSchema.Keys.Values.ToDictionary(static key => key.Path, Other);
        values["Config"] = Path.Combine(_directory, "old.yaml");
        WriteCertificates(values);

        (int status, string output) = await CheckAsync(values.Append(KeyValuePair.Create("Llm:Providers:another:Type", "echo")));

        Assert.True(status == 0, output);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.All(OptionSchema.Keys.Values, key => Assert.Contains(
            key.IsSecret ? $"{KeyOf(key)} = ***{TailOf(values[key.Path])}" : $"{KeyOf(key)} = {values[key.Path]}", lines));
        Assert.All(OptionSchema.Keys.Values, key => Assert.NotEqual(OptionSchema.TextOf(new GatewayOptions(), key.Path, ""), values[key.Path]));
    }

    [Fact]
    public async Task Every_option_with_a_wrong_text_is_named_with_what_is_allowed()
    {
        var wrong = OptionSchema.Keys.Values
            .Where(static key => key.Type != typeof(string)).ToDictionary(static key => key.Path, static _ => "wrong");
        Assert.NotEmpty(wrong);

        (int status, string output) = await CheckAsync(wrong);

        Assert.Equal(1, status);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.All(
            OptionShapes.Check(wrong.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))), failure => Assert.Contains(failure.Failure, lines));
    }

    /// <summary>Of a secret with several parts nothing is shown.</summary>
    private static string TailOf(string secret) => secret.AsSpan().ContainsAny("=/, ") ? "" : secret[^4..];

    private static string KeyOf(OptionKey key) => $"{GatewayOptions.Section}:{key.Path}{(key.IsList ? ":0" : "")}";

    private static string Other(OptionKey key)
    {
        string? standard = OptionSchema.TextOf(new GatewayOptions(), key.Path, "");
        return s_values.TryGetValue(key.Path, out string? value) ? value
            : key.Type == typeof(bool) ? standard == "true" ? "false" : "true"
            : key.Type.IsEnum ? Enum.GetNames(key.Type).First(name => name != standard)
            : key.Type == typeof(TimeSpan) ? (TimeSpan.Parse(standard!, CultureInfo.InvariantCulture) + TimeSpan.FromMilliseconds(100)).ToString("c", CultureInfo.InvariantCulture)
            : key.Type == typeof(string) ? $"another-{key.Path.Replace(':', '-')}-0123456789"
            : (long.Parse(standard!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The check opens them.</summary>
    private void WriteCertificates(Dictionary<string, string> values)
    {
        var certificate = TestCertificate.Create("gate.example");
        foreach ((string path, string content) in ((string, string)[])
            [("Certificate", certificate.Certificate), ("Certificates", certificate.Certificate), ("Key", certificate.Key), ("Keys", certificate.Key)])
        {
            File.WriteAllText(Path.Combine(_directory, values[$"Devices:Tls:{path}"]), content);
        }

        using var both = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key);
        File.WriteAllBytes(Path.Combine(_directory, values["Devices:Tls:Pfx"]), both.Export(X509ContentType.Pkcs12, values["Devices:Tls:Password"]));
    }

    private async Task<(int Status, string Output)> CheckAsync(IEnumerable<KeyValuePair<string, string>> values)
    {
        var section = new JsonObject();
        foreach ((string path, string value) in values)
        {
            section[OptionSchema.Keys.TryGetValue(path, out OptionKey? key) && key.IsList ? $"{path}:0" : path] = value;
        }

        string file = Path.Combine(_directory, "every.json");
        await File.WriteAllTextAsync(file, new JsonObject { [GatewayOptions.Section] = section }.ToJsonString());
        string[] command = [.. RepositoryPaths.ServerCommand(), "config", "check", file];
        using Process check = ExternalProgram.Start(command[0], command.Skip(1), _directory);
        check.StandardInput.Close();
        Task<string> errors = check.StandardError.ReadToEndAsync();
        string output = await check.StandardOutput.ReadToEndAsync().WaitAsync(Deadline.Program);
        await check.WaitForExitAsync().WaitAsync(Deadline.Program);
        return (check.ExitCode, output + await errors);
    }
}
