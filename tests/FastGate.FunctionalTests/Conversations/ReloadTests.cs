using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A changed key of the YAML file is in force at the next turn, however the reload is asked for; a broken file changes nothing.</summary>
public sealed class ReloadTests
{
    private const int SigHup = 1;

    [Fact]
    public async Task Changed_file_is_noticed()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        gate.Write(gate.Yaml("two", "prompt B, which is longer"));
        await gate.ReloadedAsync();
        await gate.AssertInForceAsync("two", "prompt B, which is longer");
    }

    [Fact]
    public async Task Hangup_reloads()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        gate.WriteUnnoticed(gate.Yaml("two", "prompt B"));
        await gate.AssertInForceAsync("one", "prompt A");
        gate.Gateway.Signal(SigHup);
        await gate.ReloadedAsync();
        await gate.AssertInForceAsync("two", "prompt B");
    }

    [Fact]
    public async Task Update_config_reloads_and_answers_when_it_is_done()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        gate.WriteUnnoticed(gate.Yaml("two", "prompt B"));
        JsonObject reply = await gate.UpdateConfigAsync();
        Assert.Equal(("success", "配置更新成功"), ((string?)reply["status"], (string?)reply["message"]));
        await gate.AssertInForceAsync("two", "prompt B");
    }

    [Fact]
    public async Task Changed_idle_time_is_in_force_for_a_device_that_is_connected()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        await using DeviceClient silent = await DeviceClient.ConnectAsync(gate.Gateway, "silent");
        await silent.HelloAsync();
        gate.Write(gate.Yaml("one", "prompt A") + "close_connection_no_voice_time: 1\n");
        await gate.ReloadedAsync();

        // Two minutes by the configuration it connected under.
        await silent.ReceiveUntilAsync("system");
    }

    [Fact]
    public async Task Warnings_of_what_has_not_changed_are_not_repeated()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        foreach (string prompt in (string[])["prompt B", "prompt C", "prompt D"])
        {
            gate.Write(gate.Yaml("one", prompt).Replace("model_name: two", "model_name: two\n    colour: blue", StringComparison.Ordinal));
            await gate.UpdateConfigAsync();
            await gate.AssertInForceAsync("one", prompt);
        }

        // Written after the others: whoever sees it has seen them.
        gate.Write("prompt: [unclosed\n");
        await gate.UpdateConfigAsync();
        await Eventually.TrueAsync(() => gate.Gateway.Log.Contains("Configuration not reloaded", StringComparison.Ordinal));
        Assert.Single(gate.Gateway.Log.Split('\n'), static line => line.Contains("two:colour: not a setting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Turn_in_progress_ends_as_it_began()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        TaskCompletionSource go = new();
        gate.Llm.Script = (_, request) => LlmReply.Slow(
            request.LastUser == "long" ? go.Task : Task.CompletedTask, "by ", ConfiguredGateway.Model(request), "。");
        int before = gate.Llm.Requests.Value;
        await using DeviceClient other = await DeviceClient.ConnectAsync(gate.Gateway, "other");
        await other.SendAsync(DeviceTexts.Detect("long"));
        await gate.Llm.Requests.ReachAsync(before + 1);
        gate.WriteUnnoticed(gate.Yaml("two", "prompt B"));
        await gate.UpdateConfigAsync();
        await gate.AssertInForceAsync("two", "prompt B");
        go.SetResult();
        Assert.Equal(["by one。"], (await other.ReceiveUntilAsync("tts", "stop")).Sentences());
    }

    [Theory]
    [InlineData("prompt: [unclosed\nllm_by_mode:\n  default: two\n", "config.yaml, line 2")]
    [InlineData("# comment\n\nprompt: ok\n\tLLM: tabs are not allowed\n", "config.yaml, line 3")]
    [InlineData("prompt: ok\nprompt: twice\n", "config.yaml, line 2")]
    [InlineData("# a value that cannot be\nprompt: ok\nclose_connection_no_voice_time: soon\n", "line 3 of ")]
    [InlineData("prompt: ok\nLLM:\n  two:\n    type: openai\n    temperature: warm\n", "temperature (from LLM.two.temperature, line 5 of ")]
    [InlineData("prompt: ok\nselected_module:\n  LLM: nobody\n", "Default (from selected_module.LLM, line 3 of ")]
    public async Task Broken_file_changes_nothing_and_the_log_names_the_line(string broken, string line)
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        gate.Write(broken);
        JsonObject reply = await gate.UpdateConfigAsync();
        Assert.Equal(("error", "更新服务器配置失败"), ((string?)reply["status"], (string?)reply["message"]));
        await Eventually.TrueAsync(() => gate.Gateway.Log.Contains("Configuration not reloaded", StringComparison.Ordinal));
        string refusal = gate.Gateway.Log.Split('\n').First(static text => text.Contains("Configuration not reloaded", StringComparison.Ordinal));
        Assert.True(refusal.Contains(line, StringComparison.Ordinal), refusal);
        await gate.AssertInForceAsync("one", "prompt A");

        gate.Write(gate.Yaml("two", "prompt C"));
        Assert.Equal("success", (string?)(await gate.UpdateConfigAsync())["status"]);
        await gate.AssertInForceAsync("two", "prompt C");
    }

    [Fact]
    public async Task Llm_page_explains_each_purpose_and_masks_the_key()
    {
        await using ConfiguredGateway gate = await ConfiguredGateway.StartAsync("one", "prompt A");
        JsonArray rows = (await gate.Admin.GetAsync("/api/v1/llm"))["purposes"]!.AsArray();
        Assert.Contains(rows, static row => (string?)row!["purpose"] == "memory" && (string?)row["alias"] == "echo");
        JsonNode chat = await gate.ChatAsync();
        Assert.Equal(("one", "openai", "one"), ((string?)chat["alias"], (string?)chat["type"], (string?)chat["model"]));
        Assert.Contains("default", (string?)chat["why"], StringComparison.Ordinal);
        Assert.DoesNotContain(ConfiguredGateway.ApiKey, rows.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ConfiguredGateway.ApiKey, gate.Gateway.Log, StringComparison.Ordinal);
    }
}
