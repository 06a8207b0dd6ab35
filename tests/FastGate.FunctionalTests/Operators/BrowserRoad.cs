using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Dashboard;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>Acts and looks by the dashboard in a real browser.</summary>
public sealed class BrowserRoad(DashboardFixture fixture, GatewayProcess? gateway = null) : IOperatorRoad
{
    /// <summary>Keeps the answers that the page gets; streams are left alone, because they do not end.</summary>
    private const string Recorder =
        """
        (() => {
          const real = window.fetch;
          window.seen = [];
          window.fetch = async (path, options) => {
            const response = await real(path, options);
            if (!/event-stream|ndjson/.test(response.headers.get('Content-Type') ?? '')) window.seen.push({ request: `${options.method} ${path}`, text: await response.clone().text() });
            return response;
          };
        })()
        """;

    public async Task<JsonNode?> ActAsync(OperatorAct act)
    {
        Chromium page = await OpenAsync(act.Page);
        foreach ((string input, string value) in act.PageInputs)
        {
            await SetAsync(page, $"main [name={input}]", value);
        }

        await page.WaitAsync(act.Ready);
        await page.WaitAsync($"document.querySelector('[data-act={act.Press}]')?.disabled === false");
        await page.EvaluateAsync($"document.querySelector('[data-act={act.Press}]').click()");
        await page.WaitAsync("document.querySelector('dialog[open]') !== null");
        foreach ((string input, string value) in act.DialogInputs)
        {
            await SetAsync(page, $"dialog [name={input}]", value);
        }

        await page.EvaluateAsync("document.querySelector('dialog [data-go]').click()");
        await page.WaitAsync("document.querySelector('dialog') === null");
        Assert.NotEqual("", await page.TextAsync("done"));
        return await SeenAsync(page, act.Method, act.Path);
    }

    public async Task<JsonNode> ReadAsync(OperatorRead read)
    {
        Chromium page = await OpenAsync(read.Page);
        string path = read.PagePath ?? read.Path;
        await page.WaitAsync($"document.querySelector('[data-act=refresh]')?.click() || window.seen.some((one) => one.request === 'GET /api/v1/{path}')");
        return read.PagePart((await SeenAsync(page, "GET", path))!);
    }

    public async Task<IOperatorTrace> TraceAsync(string deviceId)
    {
        Chromium page = await OpenAsync($"devices/{deviceId}");
        await page.WaitAsync("document.querySelector('[data-act=trace]') !== null");
        await page.EvaluateAsync("document.querySelector('[data-act=trace]').click()");
        return new BrowserTrace(page);
    }

    private async Task<Chromium> OpenAsync(string name)
    {
        Chromium page = await fixture.OpenAsync((gateway ?? fixture.Gateway).AdminUri("/"), name);
        await page.EvaluateAsync(Recorder);
        return page;
    }

    private static Task<string> SetAsync(Chromium page, string selector, string value) => page.EvaluateAsync(
        $"(() => {{ const input = document.querySelector('{selector}'); input.value = {JsonValue.Create(value).ToJsonString()}; input.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()");

    /// <summary>The newest answer to a request of the page.</summary>
    private static async Task<JsonNode?> SeenAsync(Chromium page, string method, string path)
    {
        string text = await page.EvaluateAsync($"window.seen.findLast((one) => one.request === '{method} /api/v1/{path}').text");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private sealed class BrowserTrace(Chromium page) : IOperatorTrace
    {
        public async Task<IReadOnlyList<string>> LinesAsync()
        {
            string text = await page.EvaluateAsync("[...document.querySelectorAll('.trace pre')].map((line) => line.textContent).join('\\n')");
            return text.Length == 0 ? [] : text.Split('\n');
        }

        public async Task EndAsync()
        {
            await page.WaitAsync("document.querySelector('[data-act=trace-stop]').disabled === false");
            await page.EvaluateAsync("document.querySelector('[data-act=trace-stop]').click()");
            await page.WaitAsync("document.querySelector('[data-act=trace]').disabled === false");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
