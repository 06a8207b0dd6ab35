using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Ota;

/// <summary>The parts of a device's request that the OTA reply depends on.</summary>
internal readonly record struct OtaRequest(string? DeviceId, string? ClientId)
{
    /// <summary>Lower than every real version. With an empty address it can never start an upgrade.</summary>
    public const string NoVersion = "0.0.0";

    private const int MaxVersion = 32;

    private static readonly string[] s_deviceNames = ["device-id", "device_id", "x-device-id", "x-device_id"];
    private static readonly string[] s_clientNames = ["client-id", "client_id", "x-client-id", "x-client_id"];

    /// <summary>The ids as received; the names and their order are those of the device handshake.</summary>
    public static OtaRequest Read(HttpRequest request) => new(Find(request, s_deviceNames), Find(request, s_clientNames));

    /// <summary>
    /// The firmware and the board of the body. Any other body is accepted too: the device only needs to know where to connect.
    /// </summary>
    public static async Task<OtaDevice> ReadDeviceAsync(HttpRequest request)
    {
        PipeReader reader = request.BodyReader;
        while (true)
        {
            // Kestrel throws when the body is too large or too slow; the exception carries the status.
            ReadResult result = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (result.IsCompleted)
            {
                string? version = Find(result.Buffer, "application"u8, "version"u8, out string? problem);
                var device = new OtaDevice(version, Find(result.Buffer, "board"u8, "type"u8, out _), problem);
                reader.AdvanceTo(result.Buffer.End);
                return device;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>
    /// Lower than every real version unless the device can parse its own. It parses each part between dots as a number and fails on a part that does not
    /// begin with a digit.
    /// </summary>
    public static string ParsableVersion(string? version) =>
        version is { Length: > 0 and <= MaxVersion } && Ascii.IsValid(version) && !version.Any(char.IsControl) &&
        version.Split('.').All(static part => part.Length > 0 && char.IsAsciiDigit(part[0]))
            ? version
            : NoVersion;

    /// <summary>The text at <c>outer.inner</c>. An empty body and one without it are no problem, but one that is not JSON is.</summary>
    private static string? Find(ReadOnlySequence<byte> body, ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner, out string? problem)
    {
        problem = null;
        var reader = new Utf8JsonReader(body);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && Enter(ref reader, outer)
                && reader.TokenType == JsonTokenType.StartObject && Enter(ref reader, inner) && reader.TokenType == JsonTokenType.String
                ? reader.GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            problem = body.IsEmpty ? null : string.Create(CultureInfo.InvariantCulture, $"the body of {body.Length} bytes is not JSON; its version is taken as {NoVersion}");
            return null;
        }
    }

    /// <summary>Moves from the start of an object to the value of one of its keys.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> key)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(key);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string? Find(HttpRequest request, string[] names)
    {
        foreach (string name in names.AsSpan(0, 2))
        {
            if (NotEmpty(request.Query[name]) is string value)
            {
                return value;
            }
        }

        foreach (string name in names)
        {
            if (NotEmpty(request.Headers[name]) is string value)
            {
                return value;
            }
        }

        return null;
    }

    private static string? NotEmpty(Microsoft.Extensions.Primitives.StringValues values) =>
        values.FirstOrDefault(static value => !string.IsNullOrWhiteSpace(value?.Trim('"', '\'')));
}
