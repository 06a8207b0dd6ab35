using System.Net;
using System.Text.Json;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Speech;

/// <summary>A server of <c>/v1/audio/transcriptions</c> that understands the same words in every sound.</summary>
internal sealed class ScriptedRecognizer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _words;
    private readonly int _port = FreePort.Next();
    private long _bytes;

    public ScriptedRecognizer(string words)
    {
        _words = words;
        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Bytes of sound received.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Options that use this recogniser, and espeak-ng for the answers.</summary>
    public string[] Options =>
    [
        "--FastGate:Speech:Asr:Providers:ears:Type=openai",
        $"--FastGate:Speech:Asr:Providers:ears:BaseUrl=http://127.0.0.1:{_port}/v1",
        "--FastGate:Speech:Tts:Providers:mouth:Type=espeak",
    ];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using MemoryStream sound = new();
            await context.Request.InputStream.CopyToAsync(sound);
            Interlocked.Add(ref _bytes, sound.Length);
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { text = _words }));
            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // The gateway has cancelled the request; the next one is served.
        }
    }
}
