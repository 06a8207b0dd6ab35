using System.Text.Json;

namespace FastGate.Speech.Recognition;

/// <summary>Gathers the texts of one utterance from the server's messages. The receiver takes, the sender reports the end of the speech.</summary>
internal sealed class FunAsrText
{
    private readonly Lock _lock = new();
    private string _whole = "";
    private string _partial = "";
    private int _wholeAt = -1;
    private volatile bool _ended;

    public bool HasWords => Words.Length > 0;

    /// <summary>The stretches that the server has heard as a whole, then what it has heard of the last one.</summary>
    public string Words
    {
        get
        {
            lock (_lock)
            {
                return RecognizedText.Clean(_whole + _partial);
            }
        }
    }

    public void SpeechEnded() => _ended = true;

    /// <summary>Whether the server has reported a whole stretch in the silence after all that was said, so that nothing more is to come.</summary>
    public bool IsWhole(int voiceWindows)
    {
        lock (_lock)
        {
            return _wholeAt == voiceWindows && _partial.Length == 0 && _whole.Length > 0;
        }
    }

    /// <summary>Takes one message. True for the last one: a whole stretch after the end of the speech.</summary>
    /// <param name="message">JSON; anything else is ignored.</param>
    /// <param name="silentAt">The windows of voice so far if the device is silent, else -1.</param>
    public bool Take(ReadOnlyMemory<byte> message, int silentAt = -1)
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
                _wholeAt = whole ? silentAt : _wholeAt;
            }

            // The Python server sends is_final while the user speaks, so it counts after the end only.
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
