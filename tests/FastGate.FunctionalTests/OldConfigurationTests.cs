using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>A server that runs with the old server's file, and the command that checks one.</summary>
public sealed class OldConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-old-").FullName;
    private readonly HttpClient _http = new() { Timeout = Deadline.Hang };

    [Fact]
    public async Task A_stock_file_starts_ready_and_names_the_placeholder_of_its_key()
    {
        string file = Write("selected_module: {LLM: ChatGLMLLM, ASR: FunASRServer, TTS: EdgeTTS}\nLLM:\n  ChatGLMLLM: {type: openai, url: 'https://llm.example/v1', model_name: m, api_key: 你的key}\n  Other: {type: openai, url: <URL>}\nASR:\n  FunASRServer: {type: fun_server, is_ssl: false, api_key: hunter2}\nTTS:\n  EdgeTTS: {type: edge}\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "token"), "of-the-file\n");

        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Config={file}", "--FastGate:Admin:Token_FILE=" + Path.Combine(_directory, "token"));

        using HttpResponseMessage ready = await _http.GetAsync(gateway.HttpUri("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("llm: the API key of 'ChatGLMLLM' is a placeholder", ReasonOf(await ready.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        _http.DefaultRequestHeaders.Authorization = new("Bearer", "of-the-file");
        JsonNode page = JsonNode.Parse(await _http.GetStringAsync(gateway.AdminUri("/api/v1/llm")))!;
        Assert.All(page["purposes"]!.AsArray(), static row => Assert.Equal("the API key of 'ChatGLMLLM' is a placeholder", (string?)row!["warning"]));
        string[] lines = gateway.Log.Split('\n');
        Assert.Single(lines, static line => line.Contains("is a placeholder, so its calls will probably fail", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains($"Warnings about {file}: line 4: LLM.Other.url: a placeholder", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.Contains("warn", StringComparison.Ordinal) && line.Contains("line 8: TTS.EdgeTTS.type: edge is not supported: use ", StringComparison.Ordinal));

        string speech = await _http.GetStringAsync(gateway.AdminUri("/api/v1/speech"));
        JsonNode recognizer = JsonNode.Parse(speech)!["recognizers"]!.AsArray().Single()!;
        Assert.Equal(("FunASRServer", "funasr", "closed"), ((string?)recognizer["alias"], (string?)recognizer["type"], (string?)recognizer["breaker"]));
        Assert.Contains("selected_module.ASR, line 1 of ", (string?)recognizer["why"], StringComparison.Ordinal);
        Assert.Contains("ws://localhost:10095", speech, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", speech + gateway.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: {port: 8000}\n", 0)]
    [InlineData("server: {port: 80000}\n", 1)]
    public async Task Config_check_tells_by_its_status_whether_a_file_can_be_used(string content, int status)
    {
        string[] command = [.. RepositoryPaths.ServerCommand(), "config", "check", Write(content)];
        if (status == 0)
        {
            Assert.Contains("server.port (line 1) -> FastGate:Devices:Listen = 0.0.0.0:8000", await ExternalProgram.RunAsync(command[0], command.Skip(1), _directory), StringComparison.Ordinal);
        }
        else
        {
            Assert.False(ExternalProgram.Succeeds(command[0], command[1..]));
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Write(string content)
    {
        string file = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(file, content);
        return file;
    }

    private static string ReasonOf(string json) => JsonNode.Parse(json)!["reasons"]!.AsArray().Select(static reason => (string?)reason).Single()!;
}
