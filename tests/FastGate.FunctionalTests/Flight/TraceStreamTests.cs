using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Flight;

/// <summary>A trace of a device of a running server, from its beginning to its end.</summary>
public sealed class TraceStreamTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Messages_in_and_out_are_streamed_until_the_trace_ends()
    {
        const string Device = "traced-1";
        using HttpClient http = new() { Timeout = Deadline.Hang };
        using HttpResponseMessage begun = await http.PostAsync(
            fixture.Gateway.AdminUri("/api/v1/traces"),
            new StringContent($$"""{"device":"{{Device}}","minutes":5}""", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json")));
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        long id = (long)JsonNode.Parse(await begun.Content.ReadAsStringAsync())!["id"]!;
        Uri path = fixture.Gateway.AdminUri($"/api/v1/traces/{id}");

        using HttpResponseMessage stream = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("application/x-ndjson", stream.Content.Headers.ContentType!.MediaType);
        using StreamReader reader = new(await stream.Content.ReadAsStreamAsync());

        using (RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, Device))
        {
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
            await device.ReadFrameAsync();
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            await device.ReadFrameAsync();
        }

        using CancellationTokenSource hang = new(Deadline.Hang);
        List<JsonNode> lines = [];
        while (lines.Count == 0 || (string?)lines[^1]["kind"] != "left")
        {
            lines.Add(JsonNode.Parse((await reader.ReadLineAsync(hang.Token))!)!);
        }

        Assert.All(lines, static line => Assert.Equal(Device, (string?)line["device"]));
        Assert.Equal(
            ["event connected", "in text hello", "out text hello", "in text ping", "out pong", "event left"],
            lines.Select(static line => string.Join(' ', new[] { (string?)line["direction"], (string?)line["kind"], (string?)line["message"]?["type"] }.OfType<string>())));

        using HttpResponseMessage ended = await http.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal("trace_ended", (string?)JsonNode.Parse((await reader.ReadLineAsync(hang.Token))!)!["kind"]);
        Assert.Null(await reader.ReadLineAsync(hang.Token));
        using HttpResponseMessage absent = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
    }
}
