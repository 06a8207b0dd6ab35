using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>The acts of the dashboard in a real browser: what is sent, when, and what a refusal shows.</summary>
public sealed class DashboardActTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private const string Kitchen = $"devices/{CannedAnswers.KitchenInPath}";

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [InlineData(Kitchen, "kick", "", "", "POST", $"{Kitchen}/kick", "{}")]
    [InlineData(Kitchen, "kick", "reason", "moved", "POST", $"{Kitchen}/kick", """{"reason":"moved"}""")]
    [InlineData(Kitchen, "message", "text", "Dinner & <b>", "POST", $"{Kitchen}/message", """{"kind":"speak","text":"Dinner & <b>"}""")]
    [InlineData(Kitchen, "command", "tool", "self.reboot", "POST", $"{Kitchen}/commands", """{"tool":"self.reboot","arguments":{},"timeout":10,"ttl":3600}""")]
    [InlineData(Kitchen, "command", "arguments", """{"type":"x"}""", "POST", $"{Kitchen}/commands", """{"raw":{"type":"x"},"timeout":10,"ttl":3600}""")]
    [InlineData(Kitchen, "tags", "tags", "a, b，c", "PUT", $"{Kitchen}/tags", """{"tags":["a","b","c"]}""")]
    [InlineData(Kitchen, "ban", "minutes", "30", "POST", "bans", """{"device":"aa:bb:cc:00:00:01","minutes":30}""")]
    [InlineData(Kitchen, "cancel", "", "", "DELETE", "commands/12", "")]
    [InlineData("devices", "kick", "rate", "1000", "POST", "kick", """{"filter":{},"rate":1000}""")]
    [InlineData("devices", "message", "text", "Update at noon.", "POST", "message", """{"filter":{},"kind":"speak","text":"Update at noon."}""")]
    [InlineData("handshakes", "ban", "reason", "scanner", "POST", "bans", """{"address":"203.0.113.9","reason":"scanner"}""")]
    [InlineData("fleet", "ban", "target", "10.0.0.0/8", "POST", "bans", """{"device":"10.0.0.0/8"}""")]
    [InlineData("fleet", "unban", "", "", "DELETE", "bans/2", "")]
    [InlineData("fleet", "activate", "code", "042137", "POST", "activations", """{"code":"042137"}""")]
    [InlineData("fleet", "drain", "", "", "POST", "drain", """{"rate":100,"filter":{},"close":1001}""")]
    [InlineData("fleet", "drain-cancel", "", "", "DELETE", "drain", "")]
    [InlineData("server", "node-drain", "rate", "500", "POST", "nodes/gw1%3A8000/drain", """{"rate":500}""")]
    [InlineData("server", "node-drain-cancel", "", "", "DELETE", "nodes/gw2%3A8000/drain", "")]
    [InlineData("server", "log-level", "category", "FastGate.Fleet", "PUT", "log-level", """{"category":"FastGate.Fleet","level":"Debug"}""")]
    [InlineData("server", "log-level", "level", "", "PUT", "log-level", "{}")]
    [InlineData("server", "reload", "", "", "POST", "reload", "")]
    [InlineData("server", "restart", "", "", "POST", "restart", "")]
    public async Task Act_is_sent_once_and_after_its_confirmation(string path, string act, string input, string value, string method, string sent, string body)
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, path);
        await OpenDialogAsync(page, act);
        Assert.Empty(server.Acts);
        if (input.Length > 0)
        {
            await page.EvaluateAsync($"(() => {{ const input = document.querySelector('dialog [name={input}]'); input.value = {JsonValue.Create(value).ToJsonString()}; input.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()");
        }

        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog') === null");

        AdminRequest request = Assert.Single(server.Acts);
        Assert.Equal((method, sent), (request.Method, request.Path));
        Assert.Equal(body.Length == 0 ? "" : JsonNode.Parse(body)!.ToJsonString(), request.Body.Length == 0 ? "" : JsonNode.Parse(request.Body)!.ToJsonString());
        Assert.Matches("^[0-9a-f]{32}$", request.Key);
        Assert.NotEqual("", await page.TextAsync("done"));
        Assert.Empty(page.Problems);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [InlineData(Kitchen, "kick")]
    [InlineData(Kitchen, "ban")]
    [InlineData("devices", "kick")]
    [InlineData("fleet", "drain")]
    [InlineData("fleet", "unban")]
    [InlineData("server", "restart")]
    public async Task Act_that_is_not_confirmed_is_not_sent(string path, string act)
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, path);
        await OpenDialogAsync(page, act);
        await page.PressAsync("Escape");
        await page.WaitAsync("document.querySelector('dialog') === null");
        Assert.Equal(act, await page.EvaluateAsync("document.activeElement.dataset.act"));
        Assert.Empty(server.Acts);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Refused_act_shows_the_reason_and_is_repeated_under_the_same_request_id()
    {
        using FakeAdmin server = new(fixture.Gateway);
        server.Answers[$"POST {Kitchen}/kick"] = (503, """{"status":503,"detail":"the store does not answer"}""");
        Chromium page = await fixture.OpenAsync(server.Address, Kitchen);
        await OpenDialogAsync(page, "kick");
        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog [role=alert]').textContent === 'the store does not answer'");

        server.Answers[$"POST {Kitchen}/kick"] = (200, "{}");
        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog') === null");

        Assert.Equal(2, server.Acts.Count());
        Assert.Single(server.Acts.Select(static request => request.Key).Distinct());
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Viewer_sees_no_act()
    {
        using FakeAdmin server = new(fixture.Gateway) { Role = "View" };
        foreach ((string path, string ready) in ((string, string)[])
            [("devices", "tbody tr"), (Kitchen, "[data-device] dl"), ("handshakes", "[data-handshakes] tbody tr"), ("fleet", "[data-bans] tbody tr"), ("server", "[data-audit] tbody tr")])
        {
            Chromium page = await fixture.OpenAsync(server.Address, path);
            await page.WaitAsync($"document.querySelector('{ready}') !== null");
            Assert.Equal("", await page.EvaluateAsync("[...document.querySelectorAll('[data-act]')].map((one) => one.dataset.act).filter((act) => act !== 'refresh' && act !== 'explain').join()"));
            Assert.Equal("0", await page.EvaluateAsync("document.querySelectorAll('.danger').length"));
        }
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Trace_is_shown_line_by_line_and_ended()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, Kitchen);
        await page.WaitAsync("document.querySelector('[data-device] dl') !== null");
        await page.EvaluateAsync("document.querySelector('[data-act=trace]').click()");
        server.Send("traces/7", """{"at":"2026-11-28T05:00:00Z","direction":"in","text":"<img src=x>"}""" + "\n{\"at\":");
        await page.WaitAsync("document.querySelectorAll('.trace pre').length === 1");
        server.Send("traces/7", "\"2026-11-28T05:00:01Z\"}\n");
        await page.WaitAsync("document.querySelectorAll('.trace pre').length === 2");
        Assert.Contains("<img src=x>", await page.EvaluateAsync("document.querySelector('.trace').textContent"), StringComparison.Ordinal);
        Assert.Equal("""{"device":"aa:bb:cc:00:00:01","minutes":5}""", Assert.Single(server.Acts).Body);
        server.SendOverview(CannedAnswers.Overview(0));
        await page.WaitAsync("document.body.dataset.live === 'on'");
        await page.EvaluateAsync("document.querySelector('.trace').scrollIntoView({ block: 'end' })");
        await DashboardFixture.PictureAsync(page, "trace");
        await page.EvaluateAsync("scrollTo(0, 0)");
        await DashboardFixture.PictureAsync(page, "device");

        await page.EvaluateAsync("document.querySelector('[data-act=trace-stop]').click()");
        await Eventually.TrueAsync(() => server.Acts.Any(static request => request.Method == "DELETE" && request.Path == "traces/7"));
        server.End("traces/7");
        await page.WaitAsync("document.getElementById('done').textContent === 'The trace has ended.'");
        Assert.Equal("0", await page.EvaluateAsync("document.querySelectorAll('.trace img').length"));
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Trace_of_a_page_that_is_left_is_ended()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, Kitchen);
        await page.WaitAsync("document.querySelector('[data-device] dl') !== null");
        await page.EvaluateAsync("document.querySelector('[data-act=trace]').click()");
        server.Send("traces/7", "{}\n");
        await page.WaitAsync("document.querySelectorAll('.trace pre').length === 1");
        await page.EvaluateAsync("location.hash = '#/fleet'");
        await Eventually.TrueAsync(() => server.Acts.Any(static request => request.Method == "DELETE" && request.Path == "traces/7"));
    }

    /// <summary>Finds every control by Tab alone, and acts with Enter, Space and Escape.</summary>
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Keyboard_alone_reaches_the_content_and_confirms_an_act()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, Kitchen);
        await page.WaitAsync("document.querySelector('[data-device] dl') !== null");
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.PressAsync("Tab");
        Assert.Equal("skip", await page.EvaluateAsync("document.activeElement.id"));
        Assert.Equal("true", await page.EvaluateAsync("document.getElementById('skip').getBoundingClientRect().left >= 0"));
        await page.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync("document.activeElement.id"));

        await TabToAsync(page, "document.activeElement.dataset.act === 'kick'");
        Assert.Equal("solid", await page.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle"));
        await page.PressAsync("Enter");
        await page.WaitAsync("document.activeElement.name === 'reason'");
        await page.TypeAsync("moved");
        await TabToAsync(page, "document.activeElement.dataset.go === ''");
        await page.PressAsync("Space");
        await page.WaitAsync("document.querySelector('dialog') === null");

        Assert.Equal("""{"reason":"moved"}""", Assert.Single(server.Acts).Body);
        Assert.Equal("kick", await page.EvaluateAsync("document.activeElement.dataset.act"));
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Drain_and_bans_have_a_picture()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "fleet");
        await page.WaitAsync("document.querySelector('[data-bans] tbody tr') !== null && document.querySelector('[data-drain]').textContent.includes('4,200')");
        Assert.Equal("203.0.113.0/24", await page.EvaluateAsync("document.querySelector('[data-bans] td').textContent"));
        server.SendOverview(CannedAnswers.Overview(0));
        await page.WaitAsync("document.body.dataset.live === 'on'");
        await DashboardFixture.PictureAsync(page, "fleet");
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Server_has_a_picture()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "server");
        await page.WaitAsync("document.querySelector('[data-audit] tbody tr') !== null && document.querySelector('[data-levels] tbody tr') !== null && document.querySelector('[data-status] dl') !== null && document.querySelectorAll('[data-nodes] tbody tr').length === 3");
        Assert.Contains("firmware=<b>1.9.4</b>", await page.EvaluateAsync("document.querySelector('[data-audit]').textContent"), StringComparison.Ordinal);
        server.SendOverview(CannedAnswers.Overview(0));
        await page.WaitAsync("document.body.dataset.live === 'on'");
        await DashboardFixture.PictureAsync(page, "server");
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Restart_that_is_refused_later_shows_the_reason()
    {
        using FakeAdmin server = new(fixture.Gateway);
        server.Answers["GET restart"] = (200, """{"restarts":2,"refused":{"at":"2026-11-28T05:21:02Z","reason":"the new program did not start"}}""");
        Chromium page = await fixture.OpenAsync(server.Address, "server");
        await OpenDialogAsync(page, "restart");
        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog [role=alert]').textContent === 'the new program did not start'");
    }

    private static async Task OpenDialogAsync(Chromium page, string act)
    {
        await page.WaitAsync($"document.querySelector('[data-act={act}]') !== null");
        if (act is "kick" or "message")
        {
            await page.WaitAsync("document.querySelector('[data-total], [data-device] dl') !== null && document.querySelector('[data-total]')?.dataset.total !== ''");
        }

        await page.WaitAsync($"!document.querySelector('[data-act={act}]').disabled");
        await page.EvaluateAsync($"(() => {{ const press = document.querySelector('[data-act={act}]'); press.focus(); press.click(); }})()");
        await page.WaitAsync("document.querySelector('dialog[open]') !== null");
    }

    private static async Task TabToAsync(Chromium page, string condition)
    {
        for (int presses = 0; await page.EvaluateAsync(condition) != "true"; presses++)
        {
            Assert.True(presses < 60, $"60 presses of Tab do not reach: {condition}");
            await page.PressAsync("Tab");
        }
    }
}
