using System.Text.Json;

namespace FastGate.Speech.Recognition;

/// <summary>Gathers the texts of one utterance from the server's messages. The receiver takes, the sender reports the end of the speech.</summary>
internal sealed class FunAsrText
{
    private readonly Lock _lock = new();
    private string _whole = "";
    private string _partial = "";
    private volatile bool _ended;

    public bool IsEnded => _ended;

    public bool HasWords => Words.Length > 0;

    /// <summary>The stretches that the server has heard as a whole, then what it has heard of the last one.</summary>
    public string Words
    {
        get
        {
            lock (_lock)
            {
                return (_whole + _partial).Trim();
            }
        }
    }

    public void SpeechEnded() => _ended = true;

    /// <summary>Takes one message. True for the last one: a whole stretch after the end of the speech.</summary>
    public bool Take(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("text", out JsonElement text) || text.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            bool whole = !root.TryGetProperty("mode", out JsonElement mode) || mode.ValueKind != JsonValueKind.String
                || mode.GetString()!.EndsWith("offline", StringComparison.OrdinalIgnoreCase);
            lock (_lock)
            {
                _whole += whole ? text.GetString() : "";
                _partial = whole ? "" : _partial + text.GetString();
            }

            bool final = root.TryGetProperty("is_final", out JsonElement last) && last.ValueKind == JsonValueKind.True;
            return _ended && (whole || final);
        }
        catch (JsonException)
        {
            // A message that is no JSON holds no words.
            return false;
        }
    }
}
