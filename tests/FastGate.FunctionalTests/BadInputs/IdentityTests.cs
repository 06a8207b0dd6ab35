using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Device ids: duplicate, missing, invalid, and unusual.</summary>
public sealed class IdentityTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task Concurrent_connects_with_one_id_leave_one_connection()
    {
        const int connects = 1_000;
        List<RawConnection> all = [];
        try
        {
            foreach (int[] batch in Enumerable.Range(0, connects).Chunk(50))
            {
                all.AddRange(await Task.WhenAll(batch.Select(_ => RawConnection.OpenAsync(Gateway.DevicePort))));
                await Task.WhenAll(all.TakeLast(batch.Length).Select(async device =>
                {
                    await device.SendAsync(DeviceTexts.Esp32Request("same-id"));
                    Assert.Equal(101, (await device.ReadReplyAsync()).Status);
                }));
            }

            await Eventually.ValueAsync(fixture.Admin.ConnectionCountAsync, count => count == 1);
            Assert.Single(await fixture.Admin.DevicesAsync());
        }
        finally
        {
            all.ForEach(static device => device.Dispose());
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Replaced_connection_is_notified_and_closed()
    {
        await using DeviceClient older = await DeviceClient.ConnectAsync(Gateway, "twice");
        await older.HelloAsync();
        await using DeviceClient newer = await DeviceClient.ConnectAsync(Gateway, "TWICE");
        await newer.HelloAsync();
        JsonObject notice = (await older.ReceiveUntilAsync("system"))[^1];
        Assert.NotEqual("", (string?)notice["message"] ?? "");
        Assert.Null(notice["command"]);
        Assert.NotNull(await older.ReceiveCloseAsync());
        await newer.PingAsync();
        newer.Drop();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Session_id_of_another_device_is_ignored()
    {
        await using DeviceClient one = await DeviceClient.ConnectAsync(Gateway, "swap-one");
        await using DeviceClient other = await DeviceClient.ConnectAsync(Gateway, "swap-other");
        await one.HelloAsync();
        await other.HelloAsync();
        await other.SendAsync($$"""{"session_id":"{{one.SessionId}}","type":"listen","state":"detect","text":"说给自己听"}""");
        IReadOnlyList<JsonObject> turn = await other.ReceiveUntilAsync("tts", "stop");
        Assert.All(turn, message => Assert.Equal(other.SessionId, (string?)message["session_id"]));
        await one.SendAsync(DeviceTexts.Ping);
        Assert.Equal("pong", (string?)(await one.ReceiveAsync())["type"]);
        await Eventually.ValueAsync(() => fixture.Admin.MemoryAsync("swap-other"), memory => memory.Contains("说给自己听", StringComparison.Ordinal));
        Assert.DoesNotContain("说给自己听", await fixture.Admin.MemoryAsync("swap-one"), StringComparison.Ordinal);
        one.Drop();
        other.Drop();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Devices_without_an_id_get_unique_ids()
    {
        const int count = 200;
        var devices = new RawConnection[count];
        for (int i = 0; i < count; i++)
        {
            devices[i] = await RawConnection.OpenAsync(Gateway.DevicePort);
            await devices[i].SendAsync(UpgradeRequest.Replacing("Device-Id", null));
            Assert.Equal(101, (await devices[i].ReadReplyAsync()).Status);
        }

        string[] ids = [.. (await fixture.Admin.DevicesAsync()).Select(DeviceIdOf).Distinct()];
        Assert.Equal(count, ids.Length);
        Assert.All(ids, id => Assert.Matches("^auto-[0-9a-f]{8}$", id));
        Array.ForEach(devices, static device => device.Dispose());
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Homoglyph_ids_are_different_devices()
    {
        await using DeviceClient latin = await DeviceClient.ConnectAsync(Gateway.DeviceUri("/?device-id=paypal"));
        await using DeviceClient cyrillic = await DeviceClient.ConnectAsync(Gateway.DeviceUri("/?device-id=p%D0%B0ypal"));
        await latin.PingAsync();
        await cyrillic.PingAsync();
        await Eventually.ValueAsync(fixture.Admin.DevicesAsync, devices => devices.Count == 2);
        latin.Drop();
        cyrillic.Drop();
        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("a%0d%0aInjected:%20line")]
    [InlineData("a%0aforged%20log%20line")]
    [InlineData("%1b%5b31mred")]
    [InlineData("a%00b")]
    [InlineData("a%7fb")]
    [InlineData("a%c2%85b")]
    public async Task Id_with_control_characters_is_rejected_and_not_logged(string id)
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri($"/?device-id={id}")))
        {
            await device.PingAsync();
            Assert.Matches("^auto-[0-9a-f]{8}$", DeviceIdOf(await fixture.OnlyDeviceAsync()));
            device.Drop();
        }

        Assert.DoesNotContain('\u001b', Gateway.Log);
        Assert.DoesNotContain('\u0085', Gateway.Log);
        Assert.DoesNotMatch("(?m)^(Injected|forged)", Gateway.Log);
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Id_longer_than_128_bytes_is_rejected()
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri($"/?device-id={new string('d', 129)}")))
        {
            await device.PingAsync();
            Assert.StartsWith("auto-", DeviceIdOf(await fixture.OnlyDeviceAsync()), StringComparison.Ordinal);
            device.Drop();
        }

        await fixture.AssertHealthyAsync();
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri($"/?device-id={new string('d', 128)}")))
        {
            await device.PingAsync();
            Assert.Equal(new string('d', 128), DeviceIdOf(await fixture.OnlyDeviceAsync()));
            device.Drop();
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Id_that_looks_like_a_path_creates_no_file()
    {
        const string id = "../../../etc/passwd";
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri($"/?device-id={Uri.EscapeDataString(id)}")))
        {
            await device.HelloAsync();
            await device.SayAsync("我在哪里？");
            device.Drop();
        }

        await Eventually.ValueAsync(() => fixture.Admin.MemoryAsync(id), memory => memory.Contains("我在哪里？", StringComparison.Ordinal));
        string[] files = [.. Directory.GetFiles(Gateway.WorkingDirectory, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!)];
        Assert.All(files, name => Assert.StartsWith("fastgate.db", name, StringComparison.Ordinal));
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Device_without_an_id_is_listed_without_secrets()
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(
            Gateway.DeviceUri("/xiaozhi/v1/?device-id="),
            options => options.SetRequestHeader("Authorization", "Bearer very-secret-token")))
        {
            await device.PingAsync();
            device.Drop();
        }

        string handshakes = string.Join('\n', (await fixture.Admin.HandshakesAsync()).Select(static item => item.ToJsonString()));
        Assert.Contains("/xiaozhi/v1/?device-id=", handshakes, StringComparison.Ordinal);
        Assert.Contains("Authorization", handshakes, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("very-secret-token", handshakes, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Gateway.Log.Contains("/xiaozhi/v1/?device-id=", StringComparison.Ordinal));
        Assert.DoesNotContain("very-secret-token", Gateway.Log, StringComparison.Ordinal);
        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("/xiaozhi/v1/?api_key=hush-hush&device-id=", "/xiaozhi/v1/?api_key=***&device-id=")]
    [InlineData("/xiaozhi/v1/?password=hush-hush&auth=hush-hush&bearer=hush-hush", "/xiaozhi/v1/?password=***&auth=***&bearer=***")]
    [InlineData("/ws/sk-hush-hush/", "/ws/***/")]
    [InlineData("/token/hush-hush/", "/token/***/")]
    public async Task Secret_in_the_target_is_not_listed(string target, string shown)
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri(target)))
        {
            await device.PingAsync();
            device.Drop();
        }

        JsonObject last = (await fixture.Admin.HandshakesAsync())[0];
        Assert.Equal(shown, (string?)last["target"]);
        Assert.DoesNotContain("hush-hush", Gateway.Log, StringComparison.Ordinal);
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Any_path_is_accepted()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(Gateway.DeviceUri("/supie/v1/?device-id=any"));
        await device.HelloAsync();
        await device.CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, device.CloseStatus);
        await fixture.AssertHealthyAsync();
    }

    private static string DeviceIdOf(JsonObject device) =>
        (string?)device["deviceId"] ?? throw new KeyNotFoundException(device.ToJsonString());
}
