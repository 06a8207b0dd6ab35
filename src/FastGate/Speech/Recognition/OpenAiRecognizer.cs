using System.Text.Json;
using FastGate.Llm.Failures;
using FastGate.Speech.Hearing;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Recognition;

/// <summary>Sends a whole utterance to a server with OpenAI's <c>/v1/audio/transcriptions</c>.</summary>
internal sealed class OpenAiRecognizer(SpeechProviderSettings settings) : ISpeechRecognizer
{
    /// <summary>The words of half an hour are shorter.</summary>
    private const int MaxAnswer = 256 * 1024;

    private readonly HttpClient _http = SpeechHttp.Create(settings);

    public string Name => settings.Alias;

    public Uri? Server => _http.BaseAddress;

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        await utterance.WaitForEndAsync(cancellationToken);
        using var form = new MultipartFormDataContent();
        form.Add(new WavContent(utterance), "file", "utterance.wav");
        form.Add(new StringContent(settings.Model ?? "whisper-1"), "model");
        form.Add(new StringContent("json"), "response_format");
        if (settings.Language is { } language)
        {
            form.Add(new StringContent(language), "language");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "audio/transcriptions") { Content = form };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await SpeechHttp.EnsureSuccessAsync(settings, response, cancellationToken);
        await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken);
        return RecognizedText.Clean(TextOf(await response.Content.ReadAsStringAsync(cancellationToken)));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Servers answer with <c>{"text": ...}</c>, or with the bare text, or with the text in quotes.</summary>
    private string? TextOf(string body)
    {
        string trimmed = body.Trim().TrimStart('\uFEFF');
        if (trimmed.Length == 0)
        {
            return "";
        }

        if (trimmed[0] is not ('{' or '"' or '['))
        {
            return trimmed.StartsWith("<!", StringComparison.Ordinal) || trimmed.StartsWith("<html", StringComparison.OrdinalIgnoreCase) ? throw NoText(trimmed) : trimmed;
        }

        try
        {
            using var document = JsonDocument.Parse(trimmed);
            JsonElement text = document.RootElement;
            if (text.ValueKind == JsonValueKind.Object && !text.TryGetProperty("text", out text))
            {
                throw NoText(trimmed);
            }

            // Null: the server has heard no words.
            return text.ValueKind is JsonValueKind.String or JsonValueKind.Null ? text.GetString() : throw NoText(trimmed);
        }
        catch (JsonException)
        {
            throw NoText(trimmed);
        }
    }

    private SpeechProviderException NoText(string body) => new($"{Name}: no text in the answer {LogText.Shorten(body, 200, settings.ApiKey)}");
}
