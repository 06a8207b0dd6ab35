using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Speech;

/// <summary>What a device received: messages and sound, in order.</summary>
internal sealed class SpokenReply
{
    private readonly List<string> _order = [];
    private readonly List<short> _samples = [];

    /// <summary>The messages, and "sound" for one or more frames, separated by commas.</summary>
    public string Order => string.Join(", ", _order);

    /// <summary>True after <c>tts stop</c>.</summary>
    public bool IsComplete => _order.Count > 0 && _order[^1] == "tts stop";

    public short[] Samples => [.. _samples];

    public int Frames { get; private set; }

    /// <summary>The words that the gateway has understood; null without any.</summary>
    public string? Words { get; private set; }

    public List<string> Sentences { get; } = [];

    public void AddText(JsonObject message)
    {
        string text = (string?)message["text"] ?? "";
        string kind = $"{message["type"]} {message["state"]}".Trim();
        switch (kind)
        {
            case "stt":
                Words = text;
                break;
            case "tts sentence_start":
                Sentences.Add(text);
                break;
        }

        _order.Add(kind);
    }

    public void AddSound(short[] samples)
    {
        _samples.AddRange(samples);
        Frames++;
        if (_order.LastOrDefault() != "sound")
        {
            _order.Add("sound");
        }
    }
}
