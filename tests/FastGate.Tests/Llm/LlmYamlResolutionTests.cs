using FastGate.Configuration.Loading;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Llm;

/// <summary>
/// The resolution from the old server's YAML, its override file and explicit keys, read as the gateway reads them. Every row is explained as
/// <c>GET /api/v1/llm</c> does.
/// </summary>
public sealed class LlmYamlResolutionTests
{
    private const string Providers = """
        selected_module: {LLM: Main}
        LLM:
          Main: {type: openai, base_url: 'http://main/v1', model_name: main-1, api_key: sk-0123456789abcdef, timeout: {connect: 2}}
          OllamaLLM: {type: ollama, model_name: 'qwen2.5', base_url: 'http://localhost:11434'}
          XinferenceLLM: {type: xinference, model_name: 'qwen2.5:72b-AWQ', base_url: 'http://localhost:9997'}
          LMStudioLLM: {type: lmstudio, model_name: lm, url: 'http://localhost:1234/v1', api_key: lm-studio}
          VllmLLM: {type: vllm, model_name: v, base_url: 'http://localhost:8000/v1'}
          DeepSeekLLM: {type: deepseek, model_name: deepseek-chat, url: 'https://api.deepseek.com', api_key: sk-1}
          ChatGLMLLM: {type: openai, model_name: glm-4-flash, url: 'https://open.bigmodel.cn/api/paas/v4/', api_key: 你的chat-glm web key}
          Claude: {type: claude, model_name: claude-x, api_key: sk-2}
          DifyLLM: {type: dify, base_url: 'https://api.dify.ai/v1', api_key: k, mode: chat-messages}
          CozeLLM: {type: coze, bot_id: 你的bot_id, user_id: u, personal_access_token: t}
          FastgptLLM: {type: fastgpt, base_url: 'https://host/api/v1', api_key: k, variables: {k: v}}
          GeminiLLM: {type: gemini, api_key: k, model_name: gemini-2.0-flash}
          HomeAssistant: {type: homeassistant, base_url: 'http://homeassistant.local:8123', agent_id: a, api_key: k}
          AliAppLLM: {type: AliBL, base_url: 'https://dashscope', app_id: a, api_key: k}
        """;

    public static TheoryData<string, string, string, string, string, string> Table => new()
    {
        // config.yaml; its override file; explicit keys; the alias that answers; its settings; what the explanation must name.
        { "", "", "", "Main", "openai main-1 http://main/v1 total=30 connect=2", "neither" },
        { "llm_by_mode: {chat: OllamaLLM}", "", "", "OllamaLLM", "openai qwen2.5 http://localhost:11434", "OllamaLLM" },
        { "llm_by_mode: {chat: XinferenceLLM}", "", "", "XinferenceLLM", "openai qwen2.5:72b-AWQ http://localhost:9997", "XinferenceLLM" },
        { "llm_by_mode: {chat: LMStudioLLM}", "", "", "LMStudioLLM", "openai lm http://localhost:1234/v1", "LMStudioLLM" },
        { "llm_by_mode: {chat: VllmLLM}", "", "", "VllmLLM", "openai v http://localhost:8000/v1", "VllmLLM" },
        { "llm_by_mode: {chat: DeepSeekLLM}", "", "", "DeepSeekLLM", "openai deepseek-chat https://api.deepseek.com", "DeepSeekLLM" },
        { "llm_by_mode: {chat: ChatGLMLLM}", "", "", "ChatGLMLLM", "openai glm-4-flash https://open.bigmodel.cn/api/paas/v4/ key=none", "ChatGLMLLM" },
        { "llm_by_mode: {chat: Claude}", "", "", "Claude", "anthropic claude-x", "Claude" },
        { "llm_by_mode: {chat: DifyLLM}", "", "", "DifyLLM", "dify -", "DifyLLM" },
        { "llm_by_mode: {chat: CozeLLM}", "", "", "Main", "openai main-1", "names no bot" },
        { "llm_by_mode: {chat: FastgptLLM}", "", "", "FastgptLLM", "openai fastgpt", "FastgptLLM" },
        { "llm_by_mode: {chat: GeminiLLM}", "", "", "GeminiLLM", "openai gemini-2.0-flash", "GeminiLLM" },
        { "llm_by_mode: {chat: HomeAssistant}", "", "", "HomeAssistant", "homeassistant a", "HomeAssistant" },
        { "llm_by_mode: {chat: AliAppLLM}", "", "", "Main", "openai main-1", "compatible-mode" },
        { "llm_by_mode: {chat: Missing}", "", "", "Main", "openai main-1", "'Missing' is unknown" },
        { "llm_by_mode: {chat: 你的LLM, default: OllamaLLM}", "", "", "OllamaLLM", "openai qwen2.5", "'default'" },

        // Overrides replace the settings beside the alias even when they are empty.
        { "llm_by_mode: {chat: {alias: Main, overrides: {}, model: flat}}", "", "", "Main", "openai main-1", "Main" },
        { "llm_by_mode: {chat: {alias: Main, overrides: , model: flat}}", "", "", "Main", "openai main-1", "Main" },
        { "llm_by_mode: {chat: {alias: Main, overrides: {model: 你的模型}, model: flat}}", "", "", "Main", "openai main-1", "Main" },
        { "llm_by_mode: {chat: {alias: Main, overrides: {model: x}, temperature: 1}}", "", "", "Main", "openai x t=none", "Main" },
        { "llm_by_mode: {chat: {alias: Main, model: flat}}", "", "", "Main", "openai flat", "Main" },
        { "", "", "{\"ByMode\":{\"chat\":{\"alias\":\"Main\",\"overrides\":{},\"model\":\"flat\"}}}", "Main", "openai main-1", "Main" },

        // An explicit key wins in any spelling; a timeout is replaced as a whole.
        { "", "", "{\"Providers\":{\"Main\":{\"Timeout\":12}}}", "Main", "openai main-1 total=12 connect=1", "Main" },
        { "", "", "{\"Providers\":{\"Main\":{\"Timeouts\":{\"FirstToken\":7}}}}", "Main", "openai main-1 first=7 connect=1", "Main" },
        { "", "", "{\"Providers\":{\"Main\":{\"Endpoint\":\"http://explicit/v1\"}}}", "Main", "openai main-1 http://explicit/v1", "Main" },
        { "", "", "{\"Providers\":{\"Main\":{\"ModelId\":\"explicit\"}}}", "Main", "openai explicit", "Main" },
        { "LLM: {Main: {max_tokens: 5, max_concurrency: 6}}", "", "{\"Providers\":{\"main\":{\"MaxOutputTokens\":9,\"Concurrency\":3}}}", "Main", "openai main-1 max=9 slots=3", "Main" },

        // The override file wins over the main file in the same way.
        { "", "LLM: {Main: {url: 'http://upper/v1'}}", "", "Main", "openai main-1 http://upper/v1", "Main" },
        { "", "LLM: {Main: {model: upper, timeout: 9}}", "", "Main", "openai upper total=9 connect=1", "Main" },
        { "llm_by_mode: {chat: {alias: Main, model_name: lower}}", "llm_by_mode: {chat: {module: OllamaLLM, model: upper}}", "", "OllamaLLM", "openai upper", "OllamaLLM" },
        { "llm_by_mode: {chat: {alias: Main, overrides: {model_name: lower, top_p: 0.5}}}", "llm_by_mode: {chat: {overrides: {model: upper}}}", "", "Main", "openai upper p=0.5", "Main" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Files_resolve_as_the_rules_say(string yaml, string above, string explicitly, string alias, string expected, string why)
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml" };
        fixture.Write("config.yaml", Merged(yaml));
        if (above.Length > 0)
        {
            fixture.Write("data/.config.yaml", above + "\n");
        }

        if (explicitly.Length > 0)
        {
            fixture.Write("appsettings.json", "{\"FastGate\":{\"Llm\":" + explicitly + "}}");
        }

        using GatewayConfiguration configuration = fixture.Create();
        LlmConfiguration read = configuration.Snapshot.Llm;
        Assert.DoesNotContain(read.Warnings, static warning => warning.Contains("says the same", StringComparison.Ordinal));
        using var catalog = new LlmCatalog(read, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        using LlmLease resolved = catalog.Resolve("chat");
        Assert.Equal(alias, resolved.Alias, ignoreCase: true);
        LlmProviderSettings settings = resolved.Instance!.Settings;
        string[] facts = expected.Split(' ');
        Assert.Equal((facts[0], facts[1]), (settings.Type, settings.Model ?? "-"));
        foreach (string? fact in facts.Skip(2))
        {
            AssertFact(settings, fact);
        }

        LlmExplanation row = catalog.Explain().Single(static row => row.Purpose == "chat");
        Assert.Equal((resolved.Alias, settings.Type, settings.Model, LlmSecrets.MaskUrl(settings.BaseUrl)), (row.Alias, row.Type, row.Model, row.BaseUrl));
        Assert.Contains(why, row.Why, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("sk-0123456789", row.ApiKey + string.Join(' ', row.Overrides.Values) + row.Why, StringComparison.Ordinal);
    }

    /// <summary>A row's own LLM key is merged into the providers, because a key may occur only once in a file.</summary>
    private static string Merged(string yaml) => yaml.StartsWith("LLM: {Main: {", StringComparison.Ordinal)
        ? Providers.Replace("timeout: {connect: 2}}", $"timeout: {{connect: 2}}, {yaml["LLM: {Main: {".Length..^1]}", StringComparison.Ordinal) + "\n"
        : $"{Providers}\n{yaml}\n";

    private static void AssertFact(LlmProviderSettings settings, string fact)
    {
        (string? key, string? value) = fact.Split('=') is [var k, var v] ? (k, v) : ("", fact);
        string? actual = key switch
        {
            "t" => $"{settings.Temperature?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}",
            "p" => FormattableString.Invariant($"{settings.TopP}"),
            "max" => $"{settings.MaxTokens}",
            "slots" => $"{settings.MaxConcurrency}",
            "key" => settings.ApiKey ?? "none",
            "connect" => $"{settings.Timeouts.Connect.TotalSeconds}",
            "first" => $"{settings.Timeouts.FirstToken.TotalSeconds}",
            "total" => $"{settings.Timeouts.Total.TotalSeconds}",
            _ => settings.BaseUrl,
        };
        Assert.Equal(value, actual);
    }
}
