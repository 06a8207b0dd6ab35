using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>The dashboard of a real server with real devices: what the reader presses happens.</summary>
public sealed class DashboardServerTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Device_is_found_tagged_and_disconnected()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await using DeviceClient other = await DeviceClient.ConnectAsync(gateway, "garage-01");
        await device.HelloAsync();
        await other.HelloAsync();
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "devices");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 2");
        await page.EvaluateAsync("document.querySelector('[name=prefix]').focus()");
        await page.TypeAsync("kit");
        await page.WaitAsync("document.querySelectorAll('tbody tr').length === 1");
        await page.EvaluateAsync("document.querySelector('tbody a').click()");
        await page.WaitAsync("document.querySelector('h1').textContent === 'kitchen-01' && document.querySelector('[data-device] dl') !== null");

        await ActAsync(page, "tags", ("tags", "hall, beta"));
        await page.WaitAsync("[...document.querySelectorAll('[data-device] .tag')].map((tag) => tag.textContent).sort().join() === 'beta,hall'");
        await ActAsync(page, "kick");
        Assert.NotNull(await device.ReceiveCloseAsync());
        await page.WaitAsync("document.querySelector('[data-act=refresh]').click() || document.querySelector('[data-device]').textContent.includes('not connected')");
        await other.PingAsync();
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Message_and_command_reach_the_device()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await device.HelloAsync();
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "devices/kitchen-01");
        await page.WaitAsync("document.querySelector('[data-device] dl') !== null");
        await ActAsync(page, "message", ("kind", "system"), ("text", "Dinner <b>now</b>"));
        await ReceiveAsync(device, "Dinner <b>now</b>");
        await ActAsync(page, "command", ("arguments", """{"type":"custom","text":"<i>raw</i>"}"""));
        await ReceiveAsync(device, "<i>raw</i>");
        await page.WaitAsync("document.querySelector('[data-act=refresh]').click() || document.querySelector('[data-commands]').textContent.includes('acknowledged')");
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Ban_closes_and_refuses_until_it_is_lifted()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await device.HelloAsync();
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "fleet");
        await ActAsync(page, "ban", ("target", "kitchen-01"), ("minutes", "30"));
        Assert.NotNull(await device.ReceiveCloseAsync());
        await page.WaitAsync("document.querySelector('[data-bans] td')?.textContent === 'kitchen-01'");
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await DeviceClient.ConnectAsync(gateway, "kitchen-01")).DisposeAsync());

        await ActAsync(page, "unban");
        await page.WaitAsync("document.querySelector('[data-bans]').textContent === 'There are no bans.'");
        await using DeviceClient again = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await again.HelloAsync();
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Drain_closes_the_devices_and_is_cancelled()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await device.HelloAsync();
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "fleet");
        await page.WaitAsync("document.querySelector('[data-drain]').textContent === 'No drain is running.'");
        await ActAsync(page, "drain");
        Assert.NotNull(await device.ReceiveCloseAsync());
        await page.WaitAsync("document.querySelector('[data-drain] progress') !== null");
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await DeviceClient.ConnectAsync(gateway, "kitchen-01")).DisposeAsync());

        await page.WaitAsync("!document.querySelector('[data-act=drain-cancel]').disabled");
        await ActAsync(page, "drain-cancel");
        await page.WaitAsync("document.querySelector('[data-drain]').textContent === 'No drain is running.'");
        await using DeviceClient again = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await again.HelloAsync();
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Refused_handshake_is_listed()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using (RawConnection client = await RawConnection.OpenAsync(gateway.DevicePort))
        {
            await client.SendAsync("GET /<b>x</b> HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\n\r\n");
            await client.ReadToEndAsync();
        }

        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), "handshakes");
        await page.WaitAsync("document.querySelector('[data-act=refresh]').click() || document.querySelector('[data-handshakes] tbody')?.textContent.includes('/<b>x</b>') === true");
    }

    /// <summary>At rest both show the same counts.</summary>
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Figures_equal_the_metrics()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "kitchen-01");
        await device.HelloAsync();
        await device.SayAsync("hello");
        await device.SayAsync("hello again");
        await using (DeviceClient gone = await DeviceClient.ConnectAsync(gateway, "garage-01"))
        {
            await gone.HelloAsync();
            await gone.CloseAsync();
        }

        await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_connections_ended_total", "reason=\"peer_closed\""), static ended => ended == 1);
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"));
        await page.WaitAsync("document.querySelector('[data-figure=turns]')?.dataset.value === '2'");
        foreach ((string figure, string metric, string tag) in ((string, string, string)[])
            [
                ("[data-figure=open]", "fastgate_connections_open", ""),
                ("[data-figure=connects]", "fastgate_connections_accepted_total", ""),
                ("[data-figure=ends]", "fastgate_connections_ended_total", ""),
                ("[data-reason=peer_closed]", "fastgate_connections_ended_total", "reason=\"peer_closed\""),
                ("[data-figure=turns]", "fastgate_conversation_turns_total", ""),
            ])
        {
            double expected = await admin.MetricAsync(metric, tag);
            await page.WaitAsync($"Number(document.querySelector('{figure}').dataset.value) === {expected.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private static async Task ActAsync(Chromium page, string act, params (string Input, string Value)[] inputs)
    {
        await page.WaitAsync($"document.querySelector('[data-act={act}]') !== null && document.querySelector('dialog') === null");
        await page.EvaluateAsync($"document.querySelector('[data-act={act}]').click()");
        await page.WaitAsync("document.querySelector('dialog[open]') !== null");
        foreach ((string input, string value) in inputs)
        {
            await page.EvaluateAsync($"document.querySelector('dialog [name={input}]').value = {JsonValue.Create(value).ToJsonString()}");
        }

        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog') === null");
    }

    private static async Task ReceiveAsync(DeviceClient device, string part)
    {
        while (true)
        {
            JsonObject message = await device.ReceiveAsync();
            if (message.Any(property => property.Value is JsonValue value && value.TryGetValue(out string? text) && text.Contains(part, StringComparison.Ordinal)))
            {
                return;
            }
        }
    }
}
