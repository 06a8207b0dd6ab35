using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Synthesis;

/// <summary>Streams speech from a server with OpenAI's <c>/v1/audio/speech</c>: raw samples, a WAV file or Opus in Ogg, sent on as they come.</summary>
internal sealed class OpenAiSynthesizer(SpeechProviderSettings settings) : ISpeechSynthesizer
{
    private readonly HttpClient _http = SpeechHttp.Create(settings);

    public string Name => settings.Alias;

    public Uri? Server => _http.BaseAddress;

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "audio/speech") { Content = new StringContent(Body(sentence), Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await SpeechHttp.EnsureSuccessAsync(settings, response, cancellationToken);
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type is "application/json" || type?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
        {
            // Some servers report errors with status 200; played, it would be noise.
            throw new SpeechProviderException($"{Name}: the answer is {type}, not sound");
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var samples = new SampleStream(body);
        int rate = await samples.OpenAsync(settings.SampleRate, cancellationToken);
        if (OggOpusStream.IsStart(samples.Head.Span))
        {
            using var opus = new OggOpusStream(body, samples.Head);
            for (ReadOnlyMemory<short> piece = await opus.ReadAsync(cancellationToken); !piece.IsEmpty; piece = await opus.ReadAsync(cancellationToken))
            {
                yield return new SoundPiece(OggOpusStream.SampleRate, piece);
            }

            yield break;
        }

        bool isOther = type is "audio/mpeg" or "audio/mp3" or "audio/ogg" or "audio/opus" or "audio/aac" or "audio/flac";
        if (rate == 0 || (isOther && !samples.IsWav))
        {
            throw new SpeechProviderException($"{Name}: the answer is not 16-bit mono sound ({type})");
        }

        for (ReadOnlyMemory<short> piece = await samples.ReadAsync(cancellationToken); !piece.IsEmpty; piece = await samples.ReadAsync(cancellationToken))
        {
            yield return new SoundPiece(rate, piece);
        }
    }

    public void Dispose() => _http.Dispose();

    private string Body(string sentence)
    {
        var body = new JsonObject
        {
            ["model"] = settings.Model ?? "tts-1",
            ["input"] = sentence,
            ["voice"] = settings.Voice ?? "alloy",
            ["response_format"] = settings.Format,
        };
        if (settings.Speed is { } speed)
        {
            body["speed"] = speed;
        }

        return body.ToJsonString();
    }
}
