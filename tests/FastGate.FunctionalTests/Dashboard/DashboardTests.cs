using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>The pages of the dashboard in a real browser, with scripted answers behind them.</summary>
public sealed class DashboardTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Overview_shows_the_figures_of_each_event()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address);
        for (int second = 0; second < 120; second++)
        {
            server.SendOverview(CannedAnswers.Overview(second, 14_000 + second));
        }

        await page.WaitAsync("document.querySelector('[data-figure=devices]')?.dataset.value === '14119'");
        Assert.Equal("14131", await FigureAsync(page, "open"));
        Assert.Equal("5464", await FigureAsync(page, "ends"));
        Assert.Equal("4357", await page.EvaluateAsync("document.querySelector('[data-reason=peer_closed]').dataset.value"));
        Assert.Equal("5", await page.EvaluateAsync("document.querySelectorAll('[data-plot] canvas').length"));
        Assert.Contains("gpt-<i>4o</i>", await page.EvaluateAsync("document.body.innerText"), StringComparison.Ordinal);
        await DashboardFixture.PictureAsync(page, "overview");
        await AssertCleanAsync(page);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Event_stream_that_breaks_is_opened_again()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address);
        server.SendOverview(CannedAnswers.Overview(0, 10));
        await page.WaitAsync("document.body.dataset.live === 'on'");

        server.End("events");
        await page.WaitAsync("document.body.dataset.live !== 'on'");
        server.SendOverview(CannedAnswers.Overview(2, 11));

        await page.WaitAsync("document.querySelector('[data-figure=devices]').dataset.value === '11'");
        Assert.Equal("on", await page.EvaluateAsync("document.body.dataset.live"));
        Assert.Equal(2, server.Requests.Count(static request => request.Path == "events"));
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Devices_are_searched_and_paged_by_the_server()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "devices");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        Assert.Equal(CannedAnswers.Hostile, await page.EvaluateAsync("document.querySelector('tbody a').textContent"));
        Assert.Equal("15000", await page.EvaluateAsync("document.querySelector('[data-total]').dataset.total"));
        await PictureAsync(server, page, "devices");

        await page.EvaluateAsync("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Next page').click()");
        await WaitForAsync(server, "devices?cluster=true&limit=50&after=aa%3Abb%3Acc%3A00%3A00%3A01");
        await page.EvaluateAsync("document.querySelector('[name=prefix]').focus()");
        await page.TypeAsync("aa:bb & <b>");

        await WaitForAsync(server, "devices?prefix=aa%3Abb+%26+%3Cb%3E&cluster=true&limit=50");
        await AssertCleanAsync(page);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Newer_search_replaces_the_answer_of_an_older_one()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "devices");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        server.Answers["GET devices"] = (400, """{"status":400,"detail":"address is an IP address or a network"}""");
        await page.EvaluateAsync("document.querySelector('[data-act=refresh]').click()");
        await page.WaitAsync("document.querySelector('[role=alert]')?.textContent === 'address is an IP address or a network'");
        server.Answers["GET devices"] = (200, """{"total":0,"devices":[]}""");
        await page.EvaluateAsync("document.querySelector('[data-act=refresh]').click()");
        await page.WaitAsync("document.querySelector('[data-list]').textContent === 'No device matches.'");
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Hostile_id_is_a_text_on_its_page()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "devices");
        await page.WaitAsync("document.querySelector('tbody a') !== null");
        await page.EvaluateAsync("document.querySelector('tbody a').click()");
        await page.WaitAsync("document.querySelector('h1').textContent.includes('onerror')");
        await page.WaitAsync("document.querySelector('[data-device] dl') !== null");
        Assert.Equal(CannedAnswers.Hostile, await page.EvaluateAsync("document.querySelector('h1').textContent"));
        Assert.StartsWith(CannedAnswers.Hostile, await page.EvaluateAsync("document.title"), StringComparison.Ordinal);
        Assert.Contains("<script>window.hacked=1</script>", await page.EvaluateAsync("document.querySelector('[data-device]').textContent"), StringComparison.Ordinal);
        await AssertCleanAsync(page);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Handshakes_are_shown_with_their_explanation()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address, "handshakes");
        await page.WaitAsync("document.querySelector('[data-handshakes] tbody tr') !== null");
        await page.WaitAsync("document.querySelector('[data-records] tbody tr') !== null");
        await page.EvaluateAsync("document.querySelector('[data-handshakes] [data-act=explain]').click()");
        await page.WaitAsync("document.querySelector('[data-handshakes]').textContent.includes('removes the Upgrade header: <b>forward it</b>')");
        await WaitForAsync(server, "explain?device=" + CannedAnswers.HostileInPath.Replace("%20", "+", StringComparison.Ordinal));

        await page.EvaluateAsync("document.querySelector('[name=explain]').focus()");
        await page.TypeAsync("203.0.113.9");
        await page.PressAsync("Enter");
        await WaitForAsync(server, "explain?address=203.0.113.9");
        await page.WaitAsync("document.querySelector('[data-explanation]').textContent.includes('proxy_strips_upgrade')");
        await PictureAsync(server, page, "handshakes");
        await AssertCleanAsync(page);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Texts_are_in_the_chosen_language_and_stay_so()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address);
        Assert.Equal("en", await page.EvaluateAsync("document.documentElement.lang"));
        await page.EvaluateAsync("(() => { const choice = document.getElementById('language'); choice.value = 'zh'; choice.dispatchEvent(new Event('change')); })()");
        await page.WaitAsync("document.documentElement?.lang === 'zh-CN' && document.querySelector('h1')?.textContent === '概览'");
        // The stream of the page before the reload may still wait for the next event.
        server.End("events");
        for (int second = 0; second < 60; second++)
        {
            server.SendOverview(CannedAnswers.Overview(second));
        }

        await page.WaitAsync("document.querySelector('[data-figure=connects]')?.dataset.value === '20238'");
        foreach ((string path, string title) in ((string, string)[])[("devices", "设备"), ("handshakes", "握手"), ("fleet", "排空与封禁"), ("server", "服务器"), ("overview", "概览")])
        {
            await page.EvaluateAsync($"location.hash = '#/{path}'");
            await page.WaitAsync($"document.querySelector('h1')?.textContent === '{title}' && document.title === '{title} – FastGate'");
        }

        await page.PreferAsync("dark");
        await DashboardFixture.PictureAsync(page, "overview-zh-dark");
        await page.PreferAsync("light");
        await AssertCleanAsync(page);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Theme_follows_the_system_until_one_is_chosen()
    {
        using FakeAdmin server = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(server.Address);
        server.SendOverview(CannedAnswers.Overview(0));
        await page.WaitAsync("document.querySelector('[data-plot] canvas') !== null");
        await page.PreferAsync("light");
        string light = await BackgroundAsync(page);
        await page.PreferAsync("dark");
        string dark = await BackgroundAsync(page);
        Assert.NotEqual(light, dark);

        Assert.Equal(light, await ChooseAsync(page, "light"));
        Assert.Equal(dark, await ChooseAsync(page, "dark"));
        await page.PreferAsync("light");
        Assert.Equal(dark, await BackgroundAsync(page));
        Assert.Equal(light, await ChooseAsync(page, "system"));
        Assert.Equal("5", await page.EvaluateAsync("document.querySelectorAll('[data-plot] canvas').length"));
        await AssertCleanAsync(page);
    }

    private static async Task PictureAsync(FakeAdmin server, Chromium page, string name)
    {
        server.SendOverview(CannedAnswers.Overview(0));
        await page.WaitAsync("document.body.dataset.live === 'on'");
        await DashboardFixture.PictureAsync(page, name);
    }

    private static Task<string> FigureAsync(Chromium page, string name) => page.EvaluateAsync($"document.querySelector('[data-figure={name}]').dataset.value");

    private static Task<string> BackgroundAsync(Chromium page) => page.EvaluateAsync("getComputedStyle(document.body).backgroundColor");

    private static async Task<string> ChooseAsync(Chromium page, string theme)
    {
        await page.EvaluateAsync($"(() => {{ const choice = document.getElementById('theme'); choice.value = '{theme}'; choice.dispatchEvent(new Event('change')); }})()");
        return await BackgroundAsync(page);
    }

    private static Task WaitForAsync(FakeAdmin server, string path) =>
        Server.Eventually.TrueAsync(() => server.Requests.Any(request => request.Method == "GET" && request.Path == path), what: path);

    /// <summary>No violation of the policy, no message on the console, and no text that became markup.</summary>
    private static async Task AssertCleanAsync(Chromium page)
    {
        Assert.Equal("0 false", await page.EvaluateAsync("`${document.querySelectorAll('main img, main script, main b, main i:not([class]), main u').length} ${'hacked' in window}`"));
        Assert.Empty(page.Problems);
    }
}
