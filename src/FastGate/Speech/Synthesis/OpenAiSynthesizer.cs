using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Synthesis;

/// <summary>Streams speech from a server with OpenAI's <c>/v1/audio/speech</c>: raw 24 kHz samples, which are sent on as they come, or a WAV file.</summary>
internal sealed class OpenAiSynthesizer(SpeechProviderSettings settings) : ISpeechSynthesizer
{
    private readonly HttpClient _http = SpeechHttp.Create(settings);

    public string Name => settings.Alias;

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "audio/speech")
        {
            Content = JsonContent.Create(new Dictionary<string, string>
            {
                ["model"] = settings.Model ?? "tts-1",
                ["input"] = sentence,
                ["voice"] = settings.Voice ?? "alloy",
                ["response_format"] = "pcm",
            }),
        };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await SpeechHttp.EnsureSuccessAsync(Name, response, cancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var samples = new SampleStream(body);
        int rate = settings.SampleRate;
        if (response.Content.Headers.ContentType?.MediaType is "audio/wav" or "audio/x-wav" or "audio/wave")
        {
            rate = await samples.ReadWavHeaderAsync(cancellationToken);
        }

        if (rate == 0)
        {
            throw new SpeechProviderException($"{Name}: the answer is not 16-bit mono sound");
        }

        for (ReadOnlyMemory<short> piece = await samples.ReadAsync(cancellationToken); !piece.IsEmpty; piece = await samples.ReadAsync(cancellationToken))
        {
            yield return new SoundPiece(rate, piece);
        }
    }

    public void Dispose() => _http.Dispose();
}
