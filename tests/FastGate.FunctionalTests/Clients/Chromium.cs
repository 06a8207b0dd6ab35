using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>A headless Chromium, driven by the DevTools protocol. One call at a time.</summary>
public sealed partial class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _tools = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private string? _target;
    private string? _session;
    private int _id;

    private Chromium(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Messages of the page's console and violations of its policy, as DevTools reports them.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>With a file, a fake microphone plays it.</summary>
    public static async Task<Chromium> StartAsync(string? microphone = null)
    {
        string profile = Directory.CreateTempSubdirectory("fastgate-chromium-").FullName;
        Process process = ExternalProgram.Start(
            "chromium",
            [
                .. ExternalProgram.HeadlessChromium(profile), "--remote-debugging-port=0", "--lang=en-US", .. Microphone(microphone), "about:blank",
            ]);
        Chromium browser = new(process, profile);
        TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) is true)
            {
                address.TrySetResult(new Uri(line.Data[Announcement.Length..]));
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await browser._tools.ConnectAsync(await address.Task.WaitAsync(Deadline.Program), CancellationToken.None);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the page and waits until its script has run.</summary>
    public async Task OpenAsync(Uri page)
    {
        if (_session is not null)
        {
            // The page before would continue its requests.
            _session = null;
            await CallAsync("Target.closeTarget", new JsonObject { ["targetId"] = _target });
        }

        JsonNode target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        _target = (string?)target["targetId"];
        JsonNode attached = await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = _target, ["flatten"] = true });
        _session = (string?)attached["sessionId"];
        Problems.Clear();
        await CallAsync("Runtime.enable", []);
        await CallAsync("Log.enable", []);
        await CallAsync("Page.navigate", new JsonObject { ["url"] = page.AbsoluteUri });
        await WaitAsync("document.body?.dataset.state !== undefined");
    }

    /// <summary>The value of an expression, as text. The page takes it for the act of a user.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        JsonNode reply = await CallAsync(
            "Runtime.evaluate", new JsonObject { ["expression"] = $"Promise.resolve({expression}).then(String)", ["awaitPromise"] = true, ["userGesture"] = true });
        Assert.True(reply["exceptionDetails"] is null, $"{expression}: {reply.ToJsonString()}");
        return (string?)reply["result"]!["value"] ?? "";
    }

    public Task ClickAsync(string id) => EvaluateAsync($"document.getElementById('{id}').click()");

    public Task SetAsync(string id, string value) => EvaluateAsync($"document.getElementById('{id}').value = {JsonValue.Create(value).ToJsonString()}");

    public Task<string> TextAsync(string id) => EvaluateAsync($"document.getElementById('{id}').textContent");

    /// <summary>A page that is being replaced by another one has no answer yet.</summary>
    public Task WaitAsync(string condition) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return await EvaluateAsync(condition) == "true";
            }
            catch (InvalidOperationException exception) when (exception.Message.Contains("navigated", StringComparison.Ordinal))
            {
                return false;
            }
        },
        Deadline.Program,
        condition);

    public async ValueTask DisposeAsync()
    {
        _tools.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper process of the browser may still write; the system cleans its temporary files.
        }
    }

    private static string[] Microphone(string? file) => file is null ? [] :
        ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", $"--use-file-for-fake-audio-capture={file}"];

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        JsonObject call = new() { ["id"] = ++_id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            call["sessionId"] = _session;
        }

        using CancellationTokenSource limit = new(Deadline.Program);
        await _tools.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        while (true)
        {
            JsonNode message = await ReceiveAsync(limit.Token);
            if ((int?)message["id"] == _id)
            {
                return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
            }

            if (_session is not null && (string?)message["sessionId"] == _session && IsProblem(message))
            {
                Problems.Add(message.ToJsonString());
            }
        }
    }

    private static bool IsProblem(JsonNode message) =>
        (string?)message["method"] is "Runtime.exceptionThrown" or "Runtime.consoleAPICalled"
        || (string?)message["params"]?["entry"]?["level"] is "error" or "warning";

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellationToken)
    {
        using MemoryStream whole = new();
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _tools.ReceiveAsync(_buffer.AsMemory(), cancellationToken);
            whole.Write(_buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonNode.Parse(whole.ToArray())!;
    }
}
