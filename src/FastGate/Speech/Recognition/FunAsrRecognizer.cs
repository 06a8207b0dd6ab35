using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.Outbound;
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

    private static readonly TimeSpan s_ping = TimeSpan.FromMilliseconds(500);

    /// <summary>Shorter than <see cref="s_lastWords"/>, and long enough for a server that computes on its only thread.</summary>
    private static readonly TimeSpan s_pong = TimeSpan.FromSeconds(2);

    private readonly Uri _address = AddressOf(settings.BaseUrl);

    public string Name => settings.Alias;

    public Uri? Server => _address;

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        using ClientWebSocket socket = await ConnectAsync(cancellationToken);
        var text = new FunAsrText();
        Task<bool> final = ReceiveAsync(socket, text, utterance, cancellationToken);
        try
        {
            await SendAsync(socket, WebSocketMessageType.Text, Begin(), cancellationToken);
            await foreach (byte[] piece in utterance.ReadAsync(cancellationToken))
            {
                if (final.IsCompleted)
                {
                    break;
                }

                await SendAsync(socket, WebSocketMessageType.Binary, piece, cancellationToken);
            }

            bool isWhole = text.IsWhole(utterance.VoiceWindows);
            text.SpeechEnded();
            if (!final.IsCompleted)
            {
                await SendAsync(socket, WebSocketMessageType.Text, """{"is_speaking":false}"""u8.ToArray(), cancellationToken);
                await Task.WhenAny(final, Task.Delay(isWhole ? TimeSpan.Zero : s_lastWords, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                bool isSilent = !final.IsCompleted;
                socket.Abort();
                return await WordsAsync(final, text, isSilent);
            }
        }
        finally
        {
            // Ends the receiver, whose failure is of no interest any more.
            socket.Abort();
            await ((Task)final).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await final;
        throw new SpeechProviderException($"{Name}: the server closed the connection before the end of the speech");
    }

    public void Dispose()
    {
    }

    /// <summary>Returns the words that the server has reported, even when the connection then failed.</summary>
    /// <param name="final">The receiver.</param>
    /// <param name="text">What it has received.</param>
    /// <param name="isSilent">The server has said nothing after the end of the speech, as it does when there were no words.</param>
    private static async Task<string> WordsAsync(Task<bool> final, FunAsrText text, bool isSilent)
    {
        try
        {
            await final;
        }
        catch (Exception exception) when ((isSilent || text.HasWords) && exception is WebSocketException or OperationCanceledException)
        {
            // Named above.
        }

        return text.Words;
    }

    /// <summary>Pings find out that the server hangs: its silence would mean that there were no words.</summary>
    private async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("binary");
        socket.Options.KeepAliveInterval = s_ping;
        socket.Options.KeepAliveTimeout = s_pong;
        socket.Options.RemoteCertificateValidationCallback = OutboundHttp.VerifyCertificate(settings.AcceptAnyCertificate);
        if (settings.ApiKey is { } key)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.ConnectTimeout);
        try
        {
            await socket.ConnectAsync(_address, limit.Token);
            return socket;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SpeechProviderException($"{Name}: no connection in time", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>False when the server has closed the connection.</summary>
    private async Task<bool> ReceiveAsync(ClientWebSocket socket, FunAsrText text, Utterance utterance, CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(message.GetMemory(4096), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            message.Advance(part.Count);
            if (message.WrittenCount > MaxMessage)
            {
                throw new SpeechProviderException($"{Name}: a message of more than {MaxMessage} bytes");
            }

            if (!part.EndOfMessage)
            {
                continue;
            }

            int voiceWindows = utterance.VoiceWindows;
            bool isLast = text.Take(message.WrittenMemory, utterance.IsSilent ? voiceWindows : -1);
            message.ResetWrittenCount();
            if (isLast)
            {
                return true;
            }

            if (settings.EarlyStart > TimeSpan.Zero && text.Words is { Length: > 0 } words)
            {
                utterance.Partial = new PartialWords(words, (int)settings.EarlyStart.TotalMilliseconds);
            }

            if (settings.EndsUtterance && text.IsWhole(voiceWindows))
            {
                utterance.RequestEnd(voiceWindows);
            }
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, WebSocketMessageType type, byte[] bytes, CancellationToken cancellationToken) =>
        await socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken);

    private byte[] Begin() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["mode"] = settings.Model is { Length: > 0 } mode ? mode : "2pass",
        ["chunk_size"] = new JsonArray(5, 10, 5),
        ["chunk_interval"] = 10,
        ["wav_name"] = "fastgate",
        ["wav_format"] = "pcm",
        ["audio_fs"] = VoiceStream.SampleRate,
        ["is_speaking"] = true,
        ["itn"] = true,
    }.ToJsonString());

    private static Uri AddressOf(string? setting)
    {
        var uri = new Uri(setting ?? "ws://127.0.0.1:10095");
        string scheme = uri.Scheme switch { "http" => "ws", "https" => "wss", _ => uri.Scheme };
        return new UriBuilder(uri) { Scheme = scheme, Port = uri.Port }.Uri;
    }
}
