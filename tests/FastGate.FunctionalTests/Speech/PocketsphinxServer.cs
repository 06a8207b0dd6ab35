using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Speech.Recognition;

namespace FastGate.FunctionalTests.Speech;

/// <summary>The process of <c>tests/clients/pocketsphinx_server.py</c>: a recogniser that knows a few English phrases.</summary>
internal sealed class PocketsphinxServer : IAsyncDisposable
{
    private readonly Process _process;

    private PocketsphinxServer(Process process, int port)
    {
        _process = process;
        Address = $"http://127.0.0.1:{port}/v1";
    }

    public string Address { get; }

    public static async Task<PocketsphinxServer> StartAsync()
    {
        Process process = ExternalProgram.Start(ExternalProgram.Python, [Path.Combine(RepositoryPaths.Clients, "pocketsphinx_server.py")]);
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Program);
        Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
        return new PocketsphinxServer(process, int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>The words of a sound, without the gateway.</summary>
    public async Task<string> RecognizeAsync(short[] samples, int sampleRate)
    {
        using HttpClient http = new() { Timeout = Deadline.Program };
        using ByteArrayContent wav = new(WavFile.Create(samples, sampleRate));
        using HttpResponseMessage reply = await http.PostAsync(new Uri(Address + "/audio/transcriptions"), wav);
        return (string)JsonNode.Parse(await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["text"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
