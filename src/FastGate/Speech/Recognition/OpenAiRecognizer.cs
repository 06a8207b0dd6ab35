using System.Text.Json;
using FastGate.Llm.Failures;
using FastGate.Speech.Hearing;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Recognition;

/// <summary>Sends a whole utterance to a server with OpenAI's <c>/v1/audio/transcriptions</c>.</summary>
internal sealed class OpenAiRecognizer(SpeechProviderSettings settings) : ISpeechRecognizer
{
    private readonly HttpClient _http = SpeechHttp.Create(settings);

    public string Name => settings.Alias;

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
        await SpeechHttp.EnsureSuccessAsync(Name, response, cancellationToken);
        return TextOf(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Servers answer with <c>{"text": ...}</c>, or with the bare text.</summary>
    private string TextOf(string body)
    {
        if (!body.AsSpan().TrimStart().StartsWith("{"))
        {
            return body.Trim();
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String)
            {
                return text.GetString()!.Trim();
            }
        }
        catch (JsonException)
        {
            // Named below.
        }

        throw new SpeechProviderException($"{Name}: no text in the answer {LogText.Shorten(body, 200)}");
    }
}
