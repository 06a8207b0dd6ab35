using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Tests.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Llm;

/// <summary>
/// The resolution as a table: the configuration, the purpose, and the provider that answers. Each row is resolved by the configuration, leased
/// from the catalog, and explained as <c>GET /api/v1/llm</c> does.
/// </summary>
public sealed class LlmResolutionTests
{
    /// <summary>Present in every row, in both spellings.</summary>
    private static readonly (string, string?)[] s_providers =
    [
        ("Providers:Big:Type", "openai"), ("Providers:Big:BaseUrl", "http://big/v1"), ("Providers:Big:Model", "big-1"), ("Providers:Big:ApiKey", "sk-0123456789abcdef"),
        ("Providers:Big:Temperature", "0.7"),
        ("Providers:small:type", "openai"), ("Providers:small:base_url", "http://small/v1"), ("Providers:small:model_name", "small-1"),
        ("Providers:small:max_tokens", "500"),
        ("Providers:Broken:Type", "alibl"), ("Providers:Broken:bot_id", "你的bot_id"),
        ("Default", "small"),
    ];

    public static TheoryData<string, string, string?, string> Table()
    {
        var rows = new TheoryData<string, string, string?, string>();

        // Strings, and how purposes are spelled.
        Add("ByMode:chat=Big", "chat", "Big", "big-1");
        Add("ByMode:chat=big", "chat", "big", "big-1");
        Add("ByMode:chat=Big", "CHAT", "Big", "big-1");
        Add("ByMode:Chat=Big", "chat", "Big", "big-1");
        Add("ByMode:chat=Big", "", "Big", "big-1");
        Add("ByMode:chat=Big", null, "Big", "big-1");
        Add("ByMode:chat=Big", "  chat ", "Big", "big-1");
        Add("ByMode:meeting=Big", "meeting", "Big", "big-1");
        Add("ByMode:翻译=Big", "翻译", "Big", "big-1");
        Add("ByMode:chat= Big ", "chat", "Big", "big-1");

        // The alias under each of its names, the first of them winning.
        Add("ByMode:chat:alias=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:name=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:module=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:llm=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:LLM=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:Alias=Big;ByMode:chat:name=small", "chat", "Big", "big-1");
        Add("ByMode:chat:llm=small;ByMode:chat:module=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:alias=;ByMode:chat:name=Big", "chat", "Big", "big-1");
        Add("ByMode:chat:alias=你的模型;ByMode:chat:name=Big", "chat", "Big", "big-1");

        // Overrides, nested.
        Add("ByMode:chat:alias=Big;ByMode:chat:overrides:model_name=x", "chat", "Big", "x");
        Add("ByMode:chat:alias=Big;ByMode:chat:overrides:Model=x;ByMode:chat:model=ignored", "chat", "Big", "x");
        Add("ByMode:chat:alias=Big;ByMode:chat:overrides:temperature=0;ByMode:chat:model=ignored", "chat", "Big", "big-1 t=0");
        Add("ByMode:chat:alias=Big;ByMode:chat:Overrides:url=http://else/v1", "chat", "Big", "big-1 http://else/v1");
        Add("ByMode:chat:alias=Big;ByMode:chat:overrides=;ByMode:chat:model=ignored", "chat", "Big", "big-1");
        Add("ByMode:chat:alias=Big;ByMode:chat:overrides:api_key=你的key", "chat", "Big", "big-1 key=sk-0123456789abcdef");

        // Overrides, flat, in either spelling.
        Add("ByMode:chat:alias=Big;ByMode:chat:model_name=x", "chat", "Big", "x");
        Add("ByMode:chat:alias=Big;ByMode:chat:Model=x", "chat", "Big", "x");
        Add("ByMode:chat:alias=Big;ByMode:chat:base_url=http://else", "chat", "Big", "big-1 http://else");
        Add("ByMode:chat:alias=Big;ByMode:chat:url=http://else", "chat", "Big", "big-1 http://else");
        Add("ByMode:chat:alias=Big;ByMode:chat:BaseUrl=http://else", "chat", "Big", "big-1 http://else");
        Add("ByMode:chat:alias=Big;ByMode:chat:max_tokens=9", "chat", "Big", "big-1 max=9");
        Add("ByMode:chat:alias=small;ByMode:chat:MaxTokens=9.0", "chat", "small", "small-1 max=9");
        Add("ByMode:chat:alias=Big;ByMode:chat:top_p=0.1;ByMode:chat:frequency_penalty=-1", "chat", "Big", "big-1 p=0.1 f=-1");
        Add("ByMode:chat:alias=Big;ByMode:chat:timeout=12", "chat", "Big", "big-1 total=12 first=4");
        Add("ByMode:chat:alias=Big;ByMode:chat:timeout=2.5", "chat", "Big", "big-1 total=2.5 first=2.5");
        Add("ByMode:chat:alias=Big;ByMode:chat:timeout:connect=0.5;ByMode:chat:timeout:read=9;ByMode:chat:timeout:write=1", "chat", "Big", "big-1 connect=0.5 first=9 total=30");
        Add("ByMode:chat:alias=Big;ByMode:chat:Timeout:FirstToken=00:00:07;ByMode:chat:timeout:total=00:01:00", "chat", "Big", "big-1 first=7 total=60");
        Add("Timeouts:FirstToken=00:00:02;ByMode:chat=Big", "chat", "Big", "big-1 first=2");
        Add("ByMode:chat:alias=Big;ByMode:chat:colour=blue", "chat", "Big", "big-1");
        Add("ByMode:chat:temperature=0.2", "chat", "small", "small-1 t=0.2");

        // The default entry, the default provider, and what cannot be had.
        Add("ByMode:default=Big", "chat", "Big", "big-1");
        Add("ByMode:default=Big", "never-heard-of", "Big", "big-1");
        Add("ByMode:default=Big", "default", "Big", "big-1");
        Add("ByMode:default:alias=Big;ByMode:default:model=x", "memory", "Big", "x");
        Add("ByMode:chat=Big", "memory", "small", "small-1 max=500");
        Add("", "chat", "small", "small-1");
        Add("ByMode:chat=missing", "chat", "small", "small-1");
        Add("ByMode:chat:alias=missing;ByMode:chat:model=x", "chat", "small", "small-1");
        Add("ByMode:chat=missing;ByMode:default=Big", "chat", "small", "small-1");
        Add("ByMode:chat=你的LLM;ByMode:default=Big", "chat", "Big", "big-1");
        Add("ByMode:chat=;ByMode:default=Big", "chat", "Big", "big-1");
        Add("ByMode:chat=Broken", "chat", "small", "small-1");
        Add("ByMode:chat:alias=Broken;ByMode:chat:type=openai;ByMode:chat:url=http://b;ByMode:chat:model=b", "chat", "Broken", "b");
        Add("ByMode:chat=echo", "chat", "echo", "- echo");
        Add("ByMode:chat=Big;ByMode:chat:temperature=1", "chat", "Big", "big-1 t=1");
        Add("Default=echo;ByMode:chat=Big", "memory", "echo", "- echo");
        Add("Default=;ByMode:chat=Big", "memory", "echo", "- echo");
        return rows;

        void Add(string configuration, string? purpose, string alias, string expected) => rows.Add(configuration, alias, purpose, expected);
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Purpose_resolves_as_the_rules_say(string configuration, string alias, string? purpose, string expected)
    {
        LlmConfiguration read = Read(configuration);
        Assert.Empty(read.Errors);
        using var catalog = new LlmCatalog(read, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);

        using LlmLease resolved = catalog.Resolve(purpose);
        Assert.Equal(alias, resolved.Alias);
        LlmProviderSettings settings = resolved.Instance!.Settings;
        foreach (string? fact in expected.Split(' ').Skip(1))
        {
            AssertFact(settings, fact);
        }

        Assert.Equal(expected.Split(' ')[0], settings.Model ?? "-");

        string name = LlmConfiguration.NormalizePurpose(purpose);
        IReadOnlyList<LlmExplanation> rows = catalog.Explain();

        // A purpose that is not listed has no row; it gets what the row of the default entry shows.
        LlmExplanation row = rows.SingleOrDefault(row => row.Purpose == name) ?? rows.Single(static row => row.Purpose == LlmConfiguration.DefaultEntry);
        Assert.Equal((alias, settings.Type, settings.Model), (row.Alias, row.Type, row.Model));
        Assert.Equal((LlmSecrets.MaskUrl(settings.BaseUrl), LlmSecrets.Mask(settings.ApiKey)), (row.BaseUrl, row.ApiKey));
        Assert.Contains(alias, row.Why, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("sk-0123456789", row.ApiKey + string.Join(' ', row.Overrides.Values) + row.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_has_at_least_forty_rows() => Assert.True(Table().Count >= 40);

    [Theory]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:overrides:model=x;ByMode:chat:temperature=1", "beside 'overrides'")]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:colour=blue", "not a setting")]
    [InlineData("ByMode:chat=missing", "'missing'")]
    [InlineData("ByMode:chat=", "names no alias")]
    [InlineData("Providers:Big:url=http://twice", "says the same")]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:timeout:lunch=5", "not a part of a timeout")]
    [InlineData("ByMode:chat=Broken", "AliBL")]
    public void An_odd_setting_is_a_warning(string configuration, string warning) =>
        Assert.Contains(Read(configuration).Warnings, line => line.Contains(warning, StringComparison.Ordinal));

    [Theory]
    [InlineData("Default=missing", "Default")]
    [InlineData("Default=Broken", "AliBL")]
    [InlineData("ByMode:memory=Big;Providers:Big:Temperature=warm", "Temperature")]
    [InlineData("ByMode:memory=Big;Providers:Big:Temperature=3", "from 0 to 2")]
    [InlineData("ByMode:memory=Big;Providers:Big:max_tokens=0", "max_tokens")]
    [InlineData("ByMode:memory=Big;Providers:Big:max_tokens=1.5", "whole number")]
    [InlineData("ByMode:memory=Big;Providers:Big:BaseUrl=ftp://x", "http or https")]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:timeout=-1", "timeout")]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:timeout=1e300", "timeout")]
    [InlineData("Providers:small:base_url=你的地址;Providers:small:api_key=k", "because 'small' is used")]
    [InlineData("Providers:small:base_url=<SOMETHING_URL>;Providers:small:api_key=k", "because 'small' is used")]
    [InlineData("ByMode:chat=Big;Providers:Big:BaseUrl=http://<ip>:11434/v1", "because 'Big' is used")]
    public void A_wrong_setting_is_an_error_and_is_never_applied(string configuration, string error)
    {
        LlmConfiguration read = Read(configuration);
        Assert.Contains(read.Errors, line => line.Contains(error, StringComparison.Ordinal));
        using var catalog = new LlmCatalog(Read("ByMode:chat=Big"), new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        Assert.Throws<ArgumentException>(() => catalog.Apply(read));
        Assert.Equal("Big", catalog.Resolve("chat").Alias);
    }

    [Theory]
    [InlineData("Providers:Big:Temperature=warm", "Temperature")]
    [InlineData("ByMode:chat:alias=Big;ByMode:chat:Temperature=1;Providers:Big:Temperature=warm", "Temperature")]
    [InlineData("Providers:Other:BaseUrl=gopher://x", "BaseUrl")]
    public void A_wrong_setting_that_nothing_uses_is_a_warning(string configuration, string warning)
    {
        LlmConfiguration read = Read(configuration);
        Assert.Empty(read.Errors);
        Assert.Contains(read.Warnings, line => line.Contains(warning, StringComparison.Ordinal) && line.EndsWith("; ignored, because nothing uses it.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("你的api_key", "https://llm.example/v1", true)]
    [InlineData("<API_KEY>", "https://llm.example/v1", true)]
    [InlineData("your-api-key", "https://llm.example/v1", true)]
    [InlineData("sk-xxxxxxxx", "https://llm.example/v1", true)]
    [InlineData("xxx", "http://192.168.1.7:11434/v1", false)]
    [InlineData("xxx", "http://ollama:11434/v1", false)]
    [InlineData("sk-0123456789", "https://llm.example/v1", false)]
    [InlineData("", "https://llm.example/v1", false)]
    public void A_used_key_that_is_a_placeholder_is_one_warning_and_is_on_the_llm_page(string key, string address, bool isProblem)
    {
        LlmConfiguration read = Read($"ByMode:chat=Big;ByMode:default=Big;Providers:Big:ApiKey={key};Providers:Big:BaseUrl={address}");
        using var catalog = new LlmCatalog(read, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);

        Assert.Equal(isProblem ? ["FastGate:Llm:Providers:Big:ApiKey: the API key of 'Big' is a placeholder, so its calls will probably fail."] : [], read.Warnings);
        Assert.Equal(isProblem ? ["the API key of 'Big' is a placeholder"] : [], read.Problems);
        Assert.Equal(isProblem ? "the API key of 'Big' is a placeholder" : null, catalog.Explain().Single(static row => row.Purpose == "chat").Warning);
    }

    [Fact]
    public void A_key_that_an_override_supplies_is_no_placeholder() =>
        Assert.Empty(Read("ByMode:chat:alias=Big;ByMode:chat:api_key=sk-0123456789;Providers:Big:ApiKey=<API_KEY>;Providers:Big:BaseUrl=https://llm.example/v1").Problems);

    [Fact]
    public void An_unsupported_provider_that_no_purpose_uses_causes_no_warning() => Assert.Empty(Read("ByMode:chat=Big").Warnings);

    [Fact]
    public void An_explanation_is_true_before_any_call()
    {
        using var catalog = new LlmCatalog(Read("ByMode:chat=Broken;ByMode:memory=Big"), new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        var rows = catalog.Explain().ToDictionary(static row => row.Purpose);
        Assert.Equal(("small", "closed"), (rows["chat"].Alias, rows["chat"].Breaker));
        Assert.Contains("AliBL", rows["chat"].Why, StringComparison.Ordinal);
        Assert.Equal(("Big", "***cdef"), (rows["memory"].Alias, rows["memory"].ApiKey));
    }

    [Fact]
    public void A_gateway_without_llm_settings_echoes()
    {
        using var catalog = new LlmCatalog(LlmConfiguration.Embedded, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        using LlmLease resolved = catalog.Resolve("chat");
        Assert.IsType<EchoChatClient>(resolved.Instance!.Client);
        Assert.Equal("no entry 'default', so the default provider 'echo'", catalog.Explain().Single(static row => row.Purpose == LlmConfiguration.DefaultEntry).Why);
        Assert.Equal(7, catalog.Explain().Count);
        Assert.All(catalog.Explain(), static row => Assert.Equal("echo", row.Alias));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("short", "***")]
    [InlineData("sk-0123456789abcdef", "***cdef")]
    [InlineData("Host=db;Username=fastgate;Password=abcd", "***")]
    public void Secrets_are_masked(string? secret, string? shown) => Assert.Equal(shown, LlmSecrets.Mask(secret));

    [Fact]
    public void Address_is_shown_without_what_may_be_secret()
    {
        Assert.Equal("http://host:81/v1", LlmSecrets.MaskUrl("http://user:pass@host:81/v1?key=secret#x"));
        Assert.DoesNotContain("secret", new LlmProviderSettings { Type = "openai", ApiKey = "secret", BaseUrl = "http://h/?k=secret" }.ToString(), StringComparison.Ordinal);
    }

    private static LlmConfiguration Read(string configuration) => ConversationBench.Read(s_providers.Concat(
        configuration.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => (pair[..pair.IndexOf('=', StringComparison.Ordinal)], (string?)pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]))));

    private static void AssertFact(LlmProviderSettings settings, string fact)
    {
        (string? key, string? value) = fact.Split('=') is [var k, var v] ? (k, v) : ("", fact);
        string? actual = key switch
        {
            "t" => $"{settings.Temperature}",
            "p" => $"{settings.TopP}",
            "f" => $"{settings.FrequencyPenalty}",
            "max" => $"{settings.MaxTokens}",
            "key" => settings.ApiKey,
            "url" => settings.BaseUrl ?? "none",
            "connect" => $"{settings.Timeouts.Connect.TotalSeconds}",
            "first" => $"{settings.Timeouts.FirstToken.TotalSeconds}",
            "total" => $"{settings.Timeouts.Total.TotalSeconds}",
            _ => settings.Type == "echo" ? "echo" : settings.BaseUrl,
        };
        Assert.Equal(value, actual);
    }
}
