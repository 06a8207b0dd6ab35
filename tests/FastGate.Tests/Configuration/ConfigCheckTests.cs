using FastGate.CommandLine.Commands;
using FastGate.Testing.Tls;

namespace FastGate.Tests.Configuration;

/// <summary>The command <c>config check</c>.</summary>
public sealed class ConfigCheckTests
{
    [Fact]
    public void A_file_is_shown_key_by_key_with_what_is_ignored_and_no_secret()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write(
            "config.yaml",
            """
            server:
              port: 28000
              auth_key: hunter2-hunter2-hunter2
            prompt: |
              你是小智。
              说话要短。
            selected_module: {LLM: Qwen, ASR: FunASR}
            LLM:
              Qwen: {type: openai, base_url: 'https://llm.example/v1', model_name: q, api_key: 你的key, access_token: hunter2}
              Other: {type: openai, api_key: <KEY>}
            log: {level: INFO}
            """);

        (int status, string output) = Run(path);

        Assert.Equal(0, status);
        Assert.Equal(
            $"""
            Files:
              {path}
            Understood:
              server.port (line 2) -> FastGate:Devices:Listen = 0.0.0.0:28000
              server.auth_key (line 3) -> FastGate:Auth:Key = ***ter2
              prompt (line 4) -> FastGate:Session:Prompt = 你是小智。\n说话要短。\n
              selected_module.LLM (line 7) -> FastGate:Llm:Default = Qwen
              LLM.Qwen.type (line 9) -> FastGate:Llm:Providers:Qwen:type = openai
              LLM.Qwen.base_url (line 9) -> FastGate:Llm:Providers:Qwen:base_url = https://llm.example/v1
              LLM.Qwen.model_name (line 9) -> FastGate:Llm:Providers:Qwen:model_name = q
              LLM.Qwen.api_key (line 9) -> FastGate:Llm:Providers:Qwen:api_key = 你的key (a placeholder, not set)
              LLM.Qwen.access_token (line 9) -> FastGate:Llm:Providers:Qwen:access_token = ***
              LLM.Other.type (line 10) -> FastGate:Llm:Providers:Other:type = openai
              LLM.Other.api_key (line 10) -> FastGate:Llm:Providers:Other:api_key = <KEY> (a placeholder, not set)
              FastGate:Config = {path}
            Ignored:
              line 11: log: no meaning here
            Warnings:
              line 7: selected_module.ASR: the section ASR has no FunASR, so nothing is selected
              line 9: LLM.Qwen.access_token: not a setting that FastGate knows; ignored
              line 10: LLM.Other.api_key: a placeholder, which counts as not set
              FastGate:Llm:Providers:Qwen:api_key: the API key of 'Qwen' is a placeholder, so its calls will probably fail. [from LLM.Qwen.api_key, line 9 of {path}]
            Language models:
              chat: Qwen (openai q https://llm.example/v1): neither an entry 'chat' nor 'default', so the default provider 'Qwen'; the API key of 'Qwen' is a placeholder
            """.ReplaceLineEndings("\n"),
            output[..output.IndexOf("\n  memory: ", StringComparison.Ordinal)]);
        Assert.EndsWith("The configuration can be used: 4 warnings.\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_speech_providers_are_shown_with_the_place_that_selects_them()
    {
        using var fixture = new ConfigurationFixture();
        string path = fixture.Write(
            "config.yaml",
            """
            selected_module: {ASR: FunASRServer, TTS: EdgeTTS}
            ASR:
              FunASRServer: {type: fun_server, host: 192.168.1.9, api_key: hunter2-hunter2-hunter2}
            TTS:
              EdgeTTS: {type: edge}
            """);

        (int status, string output) = Run(path);

        Assert.Equal(0, status);
        Assert.Contains(
            $"""
            Speech:
              recogniser: FunASRServer (funasr wss://192.168.1.9:10095/): FastGate:Speech:Asr:Default [from selected_module.ASR, line 1 of {path}]
              synthesiser: none: espeak-ng speaks where it is installed and a recogniser is configured
            """.ReplaceLineEndings("\n"),
            output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_of_addresses_arguments_and_misspelled_keys_are_not_shown()
    {
        (int status, string output) = Run(
            "--FastGate:Telemetry:Endpoint=http://user:hunter2@collector:4317/?access=hunter2",
            "--FastGate:Vision:Url=https://user:hunter2@gateway/explain",
            "--FastGate:Http:WebSocketUrl=wss://user:hunter2@gateway/x",
            "--FastGate:Session:Prompt=Look at https://user:hunter2@wiki/ first",
            "--FastGate:Admin:Tokn=hunter2",
            "--FastGate:Management:Passphrase:Secret=hunter2",
            "--FastGate:Speech:Tts:Providers:voice:Type=openai",
            "--FastGate:Speech:Tts:Providers:voice:BaseUrl=http://user:hunter2@voice/v1?x=hunter2",
            "--FastGate:Mcp:Servers:db:Command=mcp-db",
            "--FastGate:Mcp:Servers:db:Arguments:0=postgres://user:hunter2@db/x",
            "--FastGate:Mcp:Servers:db:Arguments:1=--token=hunter2-hunter2",
            "--FastGate:Mcp:Servers:remote:Url=https://user:hunter2@remote/mcp?access=hunter2",
            "--FastGate:Mcp:Servers:remote:Headers:X-Any=hunter2",
            "--FastGate:Telemetry:Headers=authorization=Basic of-the-collector-pw42",
            "--FastGate:Auth:Key=the-key-of-the-whole-fleet-4711");

        Assert.DoesNotContain("pw42", output, StringComparison.Ordinal);
        Assert.Contains("FastGate:Auth:Key = ***4711", output, StringComparison.Ordinal);

        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
        Assert.Equal(0, status);
        Assert.Contains("FastGate:Telemetry:Endpoint = http://collector:4317/\n", output, StringComparison.Ordinal);
        Assert.Contains("FastGate:Session:Prompt = Look at https://***@wiki/ first", output, StringComparison.Ordinal);
        Assert.Contains("FastGate:Mcp:Servers:db:Arguments:0 = postgres://***@db/x", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_file_is_checked_and_the_worst_is_the_status()
    {
        using var fixture = new ConfigurationFixture();
        string good = fixture.Write("good.json", """{ "FastGate": { "Devices": { "Lisen": "x" } } }""");
        string bad = fixture.Write("bad.yaml", "server:\n  port: 99999\n");

        (int status, string output) = Run(good, bad, Path.Combine(fixture.Directory, "absent.yaml"));

        Assert.Equal(1, status);
        Assert.Contains("FastGate:Devices:Lisen: unknown; the nearest known key is FastGate:Devices:Listen", output, StringComparison.Ordinal);
        Assert.Contains($"[from server.port, line 2 of {bad}]", output, StringComparison.Ordinal);
        Assert.Contains("absent.yaml", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("The configuration cannot be used: 1 errors, 0 warnings.").Length - 1);
        Assert.Equal(0, Run(good).Status);
    }

    [Theory]
    [InlineData("--foo")]
    [InlineData("config.yaml", "--FastGate:Devices:Listen=127.0.0.1:1")]
    public void Wrong_usage_has_a_status_of_its_own(params string[] words) => Assert.Equal(2, Run(words).Status);

    [Fact]
    public void Without_files_the_settings_of_a_start_are_checked()
    {
        (int status, string output) = Run("--FastGate:Devices:Listen=nowhere", "--FastGate:Admin:Token=hunter2");

        Assert.Equal(1, status);
        Assert.Contains("FastGate:Admin:Token = ***", output, StringComparison.Ordinal);
        Assert.Contains("FastGate:Devices:Listen = \"nowhere\": allowed is", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_of_certificates_are_opened()
    {
        (int status, string output) = Run("--FastGate:Devices:Tls:Certificate=/absent/server.pem");

        Assert.Equal(1, status);
        Assert.Contains("  FastGate:Devices:Tls:Certificate: the certificate /absent/server.pem cannot be used: ", output, StringComparison.Ordinal);
        Assert.EndsWith("The configuration cannot be used: 1 errors, 0 warnings.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_ends_soon_is_a_warning()
    {
        using var fixture = new ConfigurationFixture();
        (string certificate, string key) = TestCertificate.Create("one", notAfter: DateTimeOffset.UtcNow.AddDays(3)).WriteTo(fixture.Directory);

        (int status, string output) = Run($"--FastGate:Devices:Tls:Certificate={certificate}", $"--FastGate:Devices:Tls:Key={key}");

        Assert.Equal(0, status);
        Assert.Contains("  FastGate:Devices:Tls:Certificate: the certificate for one ends on ", output, StringComparison.Ordinal);
    }

    private static (int Status, string Output) Run(params string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return (ConfigCheck.Run(words, output, output), output.ToString());
    }
}
