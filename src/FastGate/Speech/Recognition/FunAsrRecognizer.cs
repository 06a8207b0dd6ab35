using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using FastGate.Speech.Hearing;
using FastGate.Speech.Settings;

namespace FastGate.Speech.Recognition;

/// <summary>
/// Streams an utterance to a FunASR runtime server while it is spoken: a JSON message with the settings, the sound in binary messages, a JSON message
/// at the end. The server answers with partial texts (<c>2pass-online</c>) and better ones for whole stretches (<c>2pass-offline</c>, <c>offline</c>).
/// </summary>
internal sealed class FunAsrRecognizer(SpeechProviderSettings settings) : ISpeechRecognizer
{
    private const int MaxMessage = 256 * 1024;

    /// <summary>After the end of the speech a server that has found no words may say nothing at all.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(3);

    private readonly Uri _address = AddressOf(settings.BaseUrl);

    public string Name => settings.Alias;

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("binary");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        using (var connect = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            connect.CancelAfter(settings.ConnectTimeout);
            await socket.ConnectAsync(_address, connect.Token);
        }

        var text = new FunAsrText();
        Task<bool> final = ReceiveAsync(socket, text, cancellationToken);
        await SendAsync(socket, WebSocketMessageType.Text, Begin(), cancellationToken);
        await foreach (byte[] piece in utterance.ReadAsync(cancellationToken))
        {
            await SendAsync(socket, WebSocketMessageType.Binary, piece, cancellationToken);
        }

        text.SpeechEnded();
        await SendAsync(socket, WebSocketMessageType.Text, """{"is_speaking":false}"""u8.ToArray(), cancellationToken);
        await Task.WhenAny(final, Task.Delay(s_lastWords, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        socket.Abort();
        try
        {
            await final;
        }
        catch (Exception exception) when (text.HasWords && exception is WebSocketException or OperationCanceledException)
        {
            // The words that came before are worth more than the way the connection ended.
        }

        return text.Words;
    }

    public void Dispose()
    {
    }

    private async Task<bool> ReceiveAsync(ClientWebSocket socket, FunAsrText text, CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(message.GetMemory(4096), cancellationToken);
            }
            catch (WebSocketException) when (text.IsEnded)
            {
                return false;
            }

            if (part.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            message.Advance(part.Count);
            if (message.WrittenCount > MaxMessage)
            {
                throw new SpeechProviderException($"{Name}: a message of more than {MaxMessage} bytes");
            }

            if (part.EndOfMessage)
            {
                bool final = text.Take(message.WrittenMemory);
                message.ResetWrittenCount();
                if (final)
                {
                    return true;
                }
            }
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, WebSocketMessageType type, byte[] bytes, CancellationToken cancellationToken) =>
        await socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken);

    private byte[] Begin() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["mode"] = settings.Model is { Length: > 0 } mode ? mode : "2pass",
        ["chunk_size"] = (int[])[5, 10, 5],
        ["chunk_interval"] = 10,
        ["wav_name"] = "fastgate",
        ["wav_format"] = "pcm",
        ["audio_fs"] = VoiceStream.SampleRate,
        ["is_speaking"] = true,
        ["itn"] = true,
    }));

    private static Uri AddressOf(string? setting)
    {
        var uri = new Uri(setting ?? "ws://127.0.0.1:10095");
        string scheme = uri.Scheme switch { "http" => "ws", "https" => "wss", _ => uri.Scheme };
        return new UriBuilder(uri) { Scheme = scheme, Port = uri.Port }.Uri;
    }
}
