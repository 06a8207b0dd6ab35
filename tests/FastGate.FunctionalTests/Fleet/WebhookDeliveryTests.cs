using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>The webhooks of a running server, over a real connection.</summary>
public sealed class WebhookDeliveryTests
{
    private const string Secret = "secret-of-the-receiver";

    [Fact]
    public async Task Life_of_a_device_is_reported_in_signed_requests()
    {
        using HttpListener receiver = new();
        string url = $"http://127.0.0.1:{FreePort.Next()}/";
        receiver.Prefixes.Add(url);
        receiver.Start();
        var events = Channel.CreateUnbounded<JsonNode>();
        _ = ReceiveAsync(receiver, events.Writer);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            $"--FastGate:Webhooks:All:0={url}", $"--FastGate:Webhooks:Secrets:0={Secret}", "--FastGate:Webhooks:BatchInterval=00:00:00.050");
        await using (DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp"))
        {
            await device.HelloAsync();
            await device.SayAsync("hello");
            await device.CloseAsync();
        }

        List<string> seen = [];
        while (seen.Count < 4)
        {
            JsonNode happened = await events.Reader.ReadAsync().AsTask().WaitAsync(Deadline.Program);
            Assert.Equal("lamp", (string?)happened["deviceId"]);
            if ((string?)happened["type"] == "turnFinished")
            {
                JsonNode times = happened["times"]!;
                Assert.InRange((int)times["waitMs"]! + (int)times["firstTextMs"]!, 0, (int)times["totalMs"]!);
            }

            seen.Add($"{happened["number"]} {happened["type"]} {happened["reason"] ?? happened["outcome"]}".TrimEnd());
        }

        Assert.Equal(["1 connected", "2 registered", "3 turnFinished completed", "4 disconnected peer_closed"], seen);
        Assert.DoesNotContain(Secret, gateway.Log, StringComparison.Ordinal);
    }

    /// <summary>A receiver that accepts and never answers is no reason to stop later.</summary>
    [Fact]
    public async Task Receiver_that_does_not_answer_delays_neither_devices_nor_the_stop()
    {
        using HttpListener receiver = new();
        string url = $"http://127.0.0.1:{FreePort.Next()}/";
        receiver.Prefixes.Add(url);
        receiver.Start();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            $"--FastGate:Webhooks:All:0={url}", $"--FastGate:Webhooks:Secrets:0={Secret}", "--FastGate:Webhooks:BatchInterval=00:00:00.050");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
        await device.HelloAsync();
        await receiver.GetContextAsync().WaitAsync(Deadline.Program);
        await device.PingAsync();

        Assert.Equal(0, await gateway.TerminateAsync());

        Assert.Contains("webhook events for 127.0.0.1 are lost", gateway.Log, StringComparison.Ordinal);
    }

    private static async Task ReceiveAsync(HttpListener receiver, ChannelWriter<JsonNode> events)
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await receiver.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                string signed = $"{context.Request.Headers["webhook-id"]}.{context.Request.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(body.ToArray())}";
                string signature = $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(signed)))}";
                bool isGenuine = context.Request.Headers["webhook-signature"] == signature;
                context.Response.StatusCode = isGenuine ? 204 : 403;
                context.Response.Close();
                if (isGenuine)
                {
                    foreach (JsonNode? happened in JsonNode.Parse(body.ToArray())!["events"]!.AsArray())
                    {
                        events.TryWrite(happened!);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }
}
