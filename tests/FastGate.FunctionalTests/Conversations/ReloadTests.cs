using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A changed key of the YAML file is active at the next turn, by file watch, SIGHUP and message; an invalid file changes nothing.</summary>
public sealed class ReloadTests
{
    private const int SigHup = 1;

    [Fact]
    public async Task Changed_file_is_reloaded()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        configured.Write(configured.Yaml("two", "prompt B, which is longer"));
        await configured.ReloadedAsync();
        await configured.AssertActiveAsync("two", "prompt B, which is longer");
    }

    [Fact]
    public async Task Sighup_reloads()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        configured.WriteWithoutNotice(configured.Yaml("two", "prompt B"));
        await configured.AssertActiveAsync("one", "prompt A");
        configured.Gateway.Signal(SigHup);
        await configured.ReloadedAsync();
        await configured.AssertActiveAsync("two", "prompt B");
    }

    [Fact]
    public async Task Update_config_message_is_answered_after_the_reload()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        configured.WriteWithoutNotice(configured.Yaml("two", "prompt B"));
        JsonObject reply = await configured.UpdateConfigAsync();
        Assert.Equal(("success", "配置更新成功"), ((string?)reply["status"], (string?)reply["message"]));
        await configured.AssertActiveAsync("two", "prompt B");
    }

    [Fact]
    public async Task Changed_idle_timeout_applies_to_a_connected_device()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        await using DeviceClient silent = await DeviceClient.ConnectAsync(configured.Gateway, "silent");
        await silent.HelloAsync();
        configured.Write(configured.Yaml("one", "prompt A") + "close_connection_no_voice_time: 1\n");
        await configured.ReloadedAsync();

        // The device connected with an idle timeout of two minutes.
        await silent.ReceiveUntilAsync("system");
    }

    [Fact]
    public async Task Unchanged_warnings_are_not_repeated()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        foreach (string prompt in (string[])["prompt B", "prompt C", "prompt D"])
        {
            configured.Write(configured.Yaml("one", prompt).Replace("model_name: two", "model_name: two\n    colour: blue", StringComparison.Ordinal));
            await configured.UpdateConfigAsync();
            await configured.AssertActiveAsync("one", prompt);
        }

        // A marker: its line is logged after the lines of the earlier reloads.
        configured.Write("prompt: [unclosed\n");
        await configured.UpdateConfigAsync();
        await Eventually.TrueAsync(() => configured.Gateway.Log.Contains("Configuration not reloaded", StringComparison.Ordinal));
        Assert.Single(configured.Gateway.Log.Split('\n'), static line => line.Contains("LLM.two.colour: not a setting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Turn_in_progress_keeps_its_configuration()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        TaskCompletionSource go = new();
        configured.Llm.Script = (_, request) => LlmReply.Slow(
            request.LastUser == "long" ? go.Task : Task.CompletedTask, "by ", ConfiguredGateway.Model(request), "。");
        int before = configured.Llm.Requests.Value;
        await using DeviceClient other = await DeviceClient.ConnectAsync(configured.Gateway, "other");
        await other.SendAsync(DeviceTexts.Detect("long"));
        await configured.Llm.Requests.ReachAsync(before + 1);
        configured.WriteWithoutNotice(configured.Yaml("two", "prompt B"));
        await configured.UpdateConfigAsync();
        await configured.AssertActiveAsync("two", "prompt B");
        go.SetResult();
        Assert.Equal(["by one。"], (await other.ReceiveUntilAsync("tts", "stop")).Sentences());
    }

    [Theory]
    [InlineData("prompt: [unclosed\nllm_by_mode:\n  default: two\n", "config.yaml, line 2")]
    [InlineData("# comment\n\nprompt: ok\n\tLLM: tabs are not allowed\n", "config.yaml, line 3")]
    [InlineData("# an invalid value\nprompt: ok\nclose_connection_no_voice_time: soon\n", "line 3 of ")]
    [InlineData("prompt: ok\nLLM:\n  two:\n    type: openai\n    temperature: warm\nselected_module: {LLM: two}\n", "[from LLM.two.temperature, line 5 of ")]
    [InlineData("prompt: ok\nselected_module:\n  LLM: missing\n", "[from selected_module.LLM, line 3 of ")]
    public async Task Invalid_file_changes_nothing_and_the_log_names_the_line(string invalid, string line)
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        configured.Write(invalid);
        JsonObject reply = await configured.UpdateConfigAsync();
        Assert.Equal(("error", "更新服务器配置失败"), ((string?)reply["status"], (string?)reply["message"]));
        await Eventually.TrueAsync(() => configured.Gateway.Log.Contains("Configuration not reloaded", StringComparison.Ordinal));
        string refusal = configured.Gateway.Log.Split('\n').First(static text => text.Contains("Configuration not reloaded", StringComparison.Ordinal));
        Assert.True(refusal.Contains(line, StringComparison.Ordinal), refusal);
        await configured.AssertActiveAsync("one", "prompt A");

        configured.Write(configured.Yaml("two", "prompt C"));
        Assert.Equal("success", (string?)(await configured.UpdateConfigAsync())["status"]);
        await configured.AssertActiveAsync("two", "prompt C");
    }

    [Fact]
    public async Task Llm_endpoint_explains_each_purpose_and_masks_the_key()
    {
        await using ConfiguredGateway configured = await ConfiguredGateway.StartAsync("one", "prompt A");
        JsonArray rows = (await configured.Admin.GetAsync("/api/v1/llm"))["purposes"]!.AsArray();
        Assert.Contains(rows, static row => (string?)row!["purpose"] == "memory" && (string?)row["alias"] == "echo");
        JsonNode chat = await configured.ChatAsync();
        Assert.Equal(("one", "openai", "one"), ((string?)chat["alias"], (string?)chat["type"], (string?)chat["model"]));
        Assert.Contains("default", (string?)chat["why"], StringComparison.Ordinal);
        Assert.DoesNotContain(ConfiguredGateway.ApiKey, rows.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ConfiguredGateway.ApiKey, configured.Gateway.Log, StringComparison.Ordinal);
    }
}
