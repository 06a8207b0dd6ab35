using System.CommandLine;
using System.Globalization;
using System.Text;
using FastGate.Auth;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Parsing;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using FastGate.Protocol.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>token make</c>: a device token as OTA issues it, for a device or client that does not ask OTA.</summary>
internal static class TokenCommand
{
    public static Command Create(CommandSetup setup) =>
        new GatewayCommand("token", "Commands about the tokens of devices.", "token make aa:bb:cc:dd:ee:ff") { Make(setup) };

    private static GatewayCommand Make(CommandSetup setup)
    {
        var make = new GatewayCommand(
            "make", "Makes a device token with Auth:Key of the configuration. It expires Auth:ExpireSeconds after its time.",
            "token make aa:bb:cc:dd:ee:ff --client-id 7b9f5f0e-6a52-4f0b-8f0e-0d6f3f7c1a11", "token make aa:bb:cc:dd:ee:ff --key-file /run/secrets/auth-key");
        Argument<string> device = DevicesCommands.Device();
        var client = new Option<string>("--client-id") { HelpName = "id", Description = "Client id that the device sends. Default: the device id, as the handshake takes it without a client id." };
        var key = new Option<string>("--key-file") { HelpName = "path", Description = "File that contains the key, instead of Auth:Key." };
        make.Arguments.Add(device);
        make.Options.Add(client);
        make.Options.Add(key);
        make.Options.Add(setup.Json);
        return make.Runs(setup, async run =>
        {
            string id = Normalized(run.Value(device)!);
            string clientId = run.Value(client) is { } given ? Normalized(given) : id;
            byte[] secret = run.Value(key) is { } path ? Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(path)).TrimEnd('\r', '\n')) : ConfiguredKey(run.Settings);
            string token = Sign(secret, clientId, id, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            await run.Output.WriteLineAsync(run.Json ? new System.Text.Json.Nodes.JsonObject { ["device"] = id, ["clientId"] = clientId, ["token"] = token }.ToJsonString() : token);
            return ExitCode.Success;
        });
    }

    private static string Sign(byte[] key, string client, string device, long time)
    {
        string timestamp = time.ToString(CultureInfo.InvariantCulture);
        Span<byte> signature = stackalloc byte[DeviceToken.SignatureLength];
        return key.Length > 0 && DeviceToken.TrySign(key, Encoding.UTF8.GetBytes(client), Encoding.UTF8.GetBytes(device), Encoding.ASCII.GetBytes(timestamp), signature)
            ? $"{Encoding.ASCII.GetString(signature)}.{timestamp}"
            : throw new CommandFailedException(ExitCode.Failed, "The ids cannot be signed: they are too long or contain \"|\", or the key is empty.");
    }

    private static string Normalized(string id) =>
        DeviceIdentity.Normalize(id) ?? throw new CommandFailedException(ExitCode.Usage, $"\"{id}\" is no id that the server accepts.");

    private static byte[] ConfiguredKey(string[] settings)
    {
        using ConfigurationManager sources = ConfigurationSources.Read(settings);
        using var configuration = new GatewayConfiguration(sources, NullLogger<GatewayConfiguration>.Instance);
        AuthOptions auth = configuration.Current.Auth;
        return auth.Key is { Length: > 0 } key
            ? Encoding.UTF8.GetBytes(key)
            : throw new CommandFailedException(
                ExitCode.Failed, "Auth:Key is not set: the server signs with a random key that this command cannot know. Set Auth:Key, or give --key-file.");
    }
}
