using FastGate.Configuration.Loading;

namespace FastGate.Tests.Configuration;

/// <summary>Secrets that are read from files.</summary>
public sealed class SecretFileTests
{
    public static TheoryData<string, string> Secrets => new()
    {
        { "Admin:Token", "Admin:Token_FILE" },
        { "Admin:Token", "Admin:TokenFile" },
        { "Admin:Token", "admin:token_file" },
        { "Auth:Key", "Auth:Key_FILE" },
        { "Auth:Tokens:0", "Auth:Tokens:0_FILE" },
        { "Auth:Tokens:0", "Auth:Tokens_FILE" },
        { "Management:Secret", "Management:Secret_FILE" },
        { "Llm:Providers:A:ApiKey", "Llm:Providers:A:ApiKey_FILE" },
        { "Llm:Providers:A:api_key", "Llm:Providers:A:api_key_file" },
        { "Llm:ByMode:chat:overrides:ApiKey", "Llm:ByMode:chat:overrides:ApiKey_FILE" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_is_read_from_its_file_without_the_final_line_end(string key, string fileKey)
    {
        foreach (string end in (string[])["", "\n", "\r\n"])
        {
            using var fixture = new ConfigurationFixture { [fileKey] = "secret.txt" };
            fixture.Write("secret.txt", "s3cret-of-the-file" + end);

            GatewayConfiguration configuration = fixture.Create();

            Assert.Equal("s3cret-of-the-file", configuration.Snapshot.Keys[key]);
            Assert.Empty(fixture.Log.Lines);
        }
    }

    [Fact]
    public void Every_secret_option_has_a_file_form() => Assert.All(
        OptionSchema.Keys.Values.Where(static key => key.IsSecret), static key => Assert.Equal(key.Path, SecretFiles.SecretOf($"{key.Path}_FILE")));

    [Fact]
    public void A_file_form_is_no_unknown_key() => Assert.Empty(UnknownKeys.Find(["Admin:Token_FILE", "Auth:Tokens_FILE", "Auth:Tokens:0_FILE", "Management:SecretFile"]));

    [Fact]
    public void Other_options_have_none()
    {
        using var fixture = new ConfigurationFixture { ["Session:Prompt_FILE"] = "prompt.txt", ["Llm:Providers:A:Model_FILE"] = "model.txt" };

        fixture.Create();

        Assert.Single(fixture.Log.WithId(7000));
    }

    [Fact]
    public void A_list_has_one_item_a_line()
    {
        using var fixture = new ConfigurationFixture { ["Auth:Tokens_FILE"] = "tokens" };
        fixture.Write("tokens", "one\r\ntwo\n\n three \n");

        Assert.Equal(["one", "two", "three"], fixture.Create().Current.Auth.Tokens);
    }

    [Theory]
    [InlineData(null, "Could not find file")]
    [InlineData("", "the file is empty")]
    [InlineData("\n", "the file is empty")]
    [InlineData("long", "larger than 65,536 bytes")]
    public void A_file_that_cannot_be_used_is_a_named_error(string? content, string reason)
    {
        using var fixture = new ConfigurationFixture { ["Admin:Token_FILE"] = "token" };
        if (content is not null)
        {
            fixture.Write("token", content == "long" ? new string('x', SecretFiles.MaxBytes + 1) : content);
        }

        string failure = Assert.Single(fixture.Failures());

        Assert.StartsWith("FastGate:Admin:Token_FILE = \"token\": allowed is a readable file with a secret of at most 64 KiB (", failure, StringComparison.Ordinal);
        Assert.Contains(reason, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_content_of_a_file_is_validated_and_never_shown()
    {
        using var fixture = new ConfigurationFixture { ["Admin:Token_FILE"] = "token" };
        fixture.Write("token", "hunter 2\n");

        string failure = Assert.Single(fixture.Failures());

        Assert.StartsWith("FastGate:Admin:Token = \"***\": allowed is", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_later_source_wins_in_either_form_and_both_forms_in_one_source_are_refused()
    {
        using var fixture = new ConfigurationFixture { ["Admin:Token_FILE"] = "token", ["Auth:Key"] = "above" };
        fixture.Write("token", "of-the-file");
        fixture.Write("key", "of-the-lower-file");
        fixture.Write("appsettings.json", """{ "FastGate": { "Admin": { "Token": "below" }, "Auth": { "Key_FILE": "key" } } }""");

        GatewayConfiguration configuration = fixture.Create();
        Assert.Equal("of-the-file", configuration.Current.Admin.Token);
        Assert.Equal("above", configuration.Current.Auth.Key);

        fixture["Admin:Token"] = "direct";
        Assert.Equal(
            "FastGate:Admin:Token_FILE = \"token\": allowed is only one of FastGate:Admin:Token_FILE and FastGate:Admin:Token",
            Assert.Single(fixture.Failures()));
    }

    [Fact]
    public void A_file_replaces_the_key_of_the_old_configuration_and_may_be_named_by_it()
    {
        using var fixture = new ConfigurationFixture { ["Config"] = "config.yaml", ["Llm:Providers:A:ApiKey_FILE"] = "a" };
        fixture.Write("a", "sk-of-file-a\n");
        fixture.Write("b", "sk-of-file-b\n");
        fixture.Write(
            "config.yaml",
            "LLM:\n  A: {type: openai, url: 'https://llm.example/v1', model_name: m, api_key: 你的key}\n" +
            "  B: {type: openai, url: 'https://llm.example/v1', model_name: m, api_key_file: b}\nllm_by_mode: {chat: A, memory: B}\n");

        GatewayConfiguration configuration = fixture.Create();

        Assert.Equal("sk-of-file-a", configuration.Snapshot.Llm.Resolve("chat").Settings.ApiKey);
        Assert.Equal("sk-of-file-b", configuration.Snapshot.Llm.Resolve("memory").Settings.ApiKey);
        Assert.Empty(configuration.Snapshot.Llm.Problems);
    }

    [Fact]
    public void A_changed_file_is_applied_after_the_next_polls()
    {
        using var fixture = new ConfigurationFixture { ["Admin:Token_FILE"] = "token" };
        fixture.Write("token", "one");
        using GatewayConfiguration configuration = fixture.Create();
        configuration.PollFiles();
        configuration.PollFiles();
        fixture.Write("token", "longer");

        configuration.PollFiles();
        configuration.PollFiles();

        Assert.Equal("longer", configuration.Current.Admin.Token);
    }
}
