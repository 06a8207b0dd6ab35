using FastGate.Configuration.Loading;
using FastGate.Speech.Settings;
using FastGate.Tests.Configuration;
using Microsoft.Extensions.Configuration;

namespace FastGate.Tests.Speech;

/// <summary>What is said of the settings of providers, and what is not.</summary>
public sealed class SpeechConfigurationTests
{
    [Fact]
    public void Settings_have_their_origin_and_no_secret()
    {
        SpeechConfiguration configuration = Read(
            static key => key.EndsWith(":Model", StringComparison.Ordinal) ? "ASR.ears.model_name, line 3 of config.yaml" : null,
            ("Asr:Providers:ears:Type", "openai"),
            ("Asr:Providers:ears:ApiKey", "hunter2"),
            ("Asr:Providers:ears:Password", "hunter2"),
            ("Asr:Providers:ears:BaseUrl", "http://me:hunter2@127.0.0.1:9000/v1?key=hunter2"),
            ("Asr:Providers:ears:Model", "whisper-1"),
            ("Asr:Default", "ears"));

        SpeechProviderSettings ears = Assert.Single(configuration.Recognizers);
        Assert.Equal("Speech:Asr:Default", ears.Why);
        Assert.Equal(
            [
                new("ApiKey", "***", "Speech:Asr:Providers:ears:ApiKey"),
                new("BaseUrl", "http://127.0.0.1:9000/v1", "Speech:Asr:Providers:ears:BaseUrl"),
                new("Model", "whisper-1", "Speech:Asr:Providers:ears:Model [from ASR.ears.model_name, line 3 of config.yaml]"),
                new("Password", "***", "Speech:Asr:Providers:ears:Password"),
                new("Type", "openai", "Speech:Asr:Providers:ears:Type"),
            ],
            ears.Origins.OrderBy(static origin => origin.Setting, StringComparer.Ordinal));
        Assert.Equal("Speech:Asr:Providers:ears:Password: not a setting that FastGate knows; ignored.", Assert.Single(configuration.Warnings));
    }

    [Fact]
    public void Settings_are_read()
    {
        SpeechProviderSettings voice = Assert.Single(Read(
            static _ => null,
            ("Tts:Providers:voice:Type", "openai"),
            ("Tts:Providers:voice:Speed", "1.25"),
            ("Tts:Providers:voice:Format", "Opus"),
            ("Tts:Providers:voice:accept_any_certificate", "true"),
            ("Tts:Providers:voice:EndsUtterance", "True"),
            ("Tts:Providers:voice:FirstTimeout", "1.5")).Synthesizers);
        Assert.Equal((1.25, "opus", true, true, TimeSpan.FromSeconds(1.5)), (voice.Speed!.Value, voice.Format, voice.AcceptAnyCertificate, voice.EndsUtterance, voice.FirstTimeout));
        Assert.Equal("the first provider, because there is no Default", voice.Why);
    }

    [Theory]
    [InlineData(null, 0.2)]
    [InlineData("0", 0)]
    [InlineData("0.35", 0.35)]
    public void The_early_start_can_be_turned_off(string? value, double seconds) => Assert.Equal(
        TimeSpan.FromSeconds(seconds),
        Assert.Single(Read(static _ => null, ("Asr:Providers:ears:Type", "funasr"), ("Asr:Providers:ears:EarlyStart", value ?? "")).Recognizers).EarlyStart);

    [Theory]
    [InlineData("Speed", "5")]
    [InlineData("Speed", "fast")]
    [InlineData("Format", "mp3")]
    [InlineData("AcceptAnyCertificate", "perhaps")]
    [InlineData("EndsUtterance", "2")]
    [InlineData("EarlyStart", "-1")]
    [InlineData("SampleRate", "1")]
    [InlineData("FirstTimeout", "-1")]
    public void A_value_outside_its_range_is_an_error(string setting, string value) => Assert.StartsWith(
        $"Speech:Tts:Providers:voice:{setting} = \"{value}\": allowed is ",
        Assert.Single(Read(static _ => null, ("Tts:Providers:voice:Type", "openai"), ($"Tts:Providers:voice:{setting}", value)).Errors),
        StringComparison.Ordinal);

    [Fact]
    public void A_setting_without_effect_is_logged_once()
    {
        using var fixture = new ConfigurationFixture { ["Speech:Asr:Providers:ears:Type"] = "openai", ["Speech:Asr:Providers:ears:Colour"] = "red" };
        using GatewayConfiguration configuration = fixture.Create();
        fixture["Session:Greeting"] = "two";
        configuration.Reload();

        Assert.Contains("FastGate:Speech:Asr:Providers:ears:Colour", Assert.Single(fixture.Log.WithId(7210)), StringComparison.Ordinal);
    }

    private static SpeechConfiguration Read(Func<string, string?> originOf, params (string Key, string Value)[] settings) => SpeechConfiguration.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create($"Speech:{setting.Key}", (string?)setting.Value)))
            .Build()
            .GetSection("Speech"),
        originOf);
}
