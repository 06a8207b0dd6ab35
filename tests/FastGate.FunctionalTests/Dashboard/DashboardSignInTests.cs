using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>The token of the dashboard, and what another site can do.</summary>
public sealed class DashboardSignInTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Token_is_asked_for_kept_for_the_tab_and_sent_with_every_request()
    {
        using FakeAdmin server = new(fixture.Gateway) { Token = "open-sesame" };
        Chromium page = await fixture.OpenAsync(server.Address, "devices");
        Assert.Equal("sign-in", await page.EvaluateAsync("document.body.dataset.state"));
        await SignInAsync(page, "wrong");
        await page.WaitAsync("document.querySelector('[role=alert]').textContent === 'the admin token is missing or wrong'");
        Assert.Equal("0", await page.EvaluateAsync("sessionStorage.length"));

        server.Requests.Clear();
        await SignInAsync(page, "open-sesame");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        await Eventually.TrueAsync(() => server.Requests.Any(static request => request.Path == "events"));
        Assert.All(server.Requests, static request => Assert.Equal("Bearer open-sesame", request.Token));
        Assert.Equal("1", await page.EvaluateAsync("sessionStorage.length"));
        Assert.DoesNotContain("open-sesame", await page.EvaluateAsync("JSON.stringify(localStorage) + document.cookie + location.href"), StringComparison.Ordinal);

        await page.ClickAsync("leave");
        await page.WaitAsync("document.body?.dataset.state === 'sign-in'");
        Assert.Equal("0", await page.EvaluateAsync("sessionStorage.length"));
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Token_that_is_changed_meanwhile_is_asked_for_again()
    {
        using FakeAdmin server = new(fixture.Gateway) { Token = "first" };
        Chromium page = await fixture.OpenAsync(server.Address, "devices");
        await SignInAsync(page, "first");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        server.Token = "second";
        await page.EvaluateAsync("document.querySelector('[data-act=refresh]').click()");
        await page.WaitAsync("document.body.dataset.state === 'sign-in'");
        await SignInAsync(page, "second");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
    }

    /// <summary>The real server: each role gets what it may do.</summary>
    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [InlineData("look-only", "view")]
    [InlineData("open-sesame", "operate")]
    public async Task Role_of_the_token_decides_what_the_page_offers(string token, string role)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Admin:Token=open-sesame", "--FastGate:Admin:ViewToken=look-only");
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "fleet");
        await SignInAsync(page, token);
        await page.WaitAsync($"document.body.dataset.role === '{role}'");
        Assert.Equal(role == "operate" ? "1" : "0", await page.EvaluateAsync("document.querySelectorAll('[data-act=drain]').length"));
    }

    /// <summary>A page of another origin can neither read the API nor act, although the browser runs on the server's machine.</summary>
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Page_of_another_origin_is_refused()
    {
        using FakeAdmin other = new(fixture.Gateway);
        Chromium page = await fixture.OpenAsync(other.Address);
        string api = fixture.Gateway.AdminUri("/api/v1/").AbsoluteUri;
        Assert.Equal("refused", await page.EvaluateAsync($"fetch('{api}status').then(() => 'served', () => 'refused')"));
        Assert.Equal("refused", await page.EvaluateAsync($"fetch('{api}restart', {{ method: 'POST', mode: 'no-cors' }}).then(() => 'served', () => 'refused')"));
    }

    private static async Task SignInAsync(Chromium page, string token)
    {
        await page.WaitAsync("document.activeElement.id === 'token'");
        await page.TypeAsync(token);
        await page.PressAsync("Enter");
    }
}
