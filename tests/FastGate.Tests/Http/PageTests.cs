using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace FastGate.Tests.Http;

/// <summary>What a person sees who opens a listener in a browser.</summary>
public sealed partial class PageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Theory]
    [InlineData("/", "")]
    [InlineData("/", "en-US,en;q=0.5")]
    [InlineData("/", "de,en;q=0.5,zh;q=0.4")]
    [InlineData("/", "fr")]
    [InlineData("/", "zh;q=0,en")]
    [InlineData("/", "zhx")]
    [InlineData("/xiaozhi/ota/", "en")]
    [InlineData("/xiaozhi/ota", "en")]
    public async Task English_reader_learns_what_this_is_and_what_to_do(string path, string languages)
    {
        await using HttpTestServer server = await StartAsync();

        using HttpResponseMessage response = await GetAsync(server.Public, path, Browser, languages);

        string page = await AssertPageAsync(response, "en");
        string address = server.EndPointOf("http").ToString();
        Assert.Contains($"Type this OTA address into the device: <code>http://{address}/xiaozhi/ota/</code>", page, StringComparison.Ordinal);
        Assert.Contains("<code>ws://127.0.0.1:8000/xiaozhi/v1/</code>", page, StringComparison.Ordinal);
        Assert.Contains("port 8002", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/health/ready\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "zh")]
    [InlineData("/", "zh-CN,zh;q=0.9,en;q=0.8")]
    [InlineData("/", "en;q=0.5, zh-TW")]
    [InlineData("/xiaozhi/ota/", "zh-CN")]
    public async Task Chinese_reader_gets_chinese(string path, string languages)
    {
        await using HttpTestServer server = await StartAsync();

        using HttpResponseMessage response = await GetAsync(server.Public, path, Browser, languages);

        string page = await AssertPageAsync(response, "zh-CN");
        Assert.Contains($"OTA 地址：<code>http://{server.EndPointOf("http")}/xiaozhi/ota/</code>", page, StringComparison.Ordinal);
        Assert.Contains("<code>ws://127.0.0.1:8000/xiaozhi/v1/</code>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("GET", "*/*")]
    [InlineData("GET", "application/json, text/plain, */*")]
    [InlineData("GET", "text/html;q=0, */*")]
    [InlineData("GET", "text/")]
    [InlineData("HEAD", Browser)]
    public async Task Every_other_client_gets_what_it_got_before_there_were_pages(string method, string? accept)
    {
        await using HttpTestServer server = await StartAsync();

        using HttpResponseMessage start = await SendAsync(server.Public, method, "/", accept, "zh");
        using HttpResponseMessage admin = await SendAsync(server.Admin, method, "/", accept, "zh");
        using HttpResponseMessage ota = await SendAsync(server.Public, method, "/xiaozhi/ota/", accept, "en");

        foreach (HttpResponseMessage response in (HttpResponseMessage[])[start, admin])
        {
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(HttpStatusCode.OK, ota.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", ota.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            ["Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Cache-Control", "Date", "X-Content-Type-Options"],
            ota.Headers.Select(static header => header.Key).Order(StringComparer.Ordinal));
        if (method == "GET")
        {
            Assert.Equal("OTA 服务正常，设备将连接到 ws://127.0.0.1:8000/xiaozhi/v1/\n", await ota.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Device_that_posts_gets_its_reply_whatever_it_accepts()
    {
        await using HttpTestServer server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/xiaozhi/ota/") { Content = new StringContent("{}") };
        request.Headers.TryAddWithoutValidation("Accept", Browser);
        request.Headers.TryAddWithoutValidation("Device-Id", "d");
        request.Headers.TryAddWithoutValidation("Client-Id", "c");

        using HttpResponseMessage response = await server.Public.SendAsync(request);

        Assert.StartsWith("""{"server_time":""", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_from_outside_cannot_become_markup()
    {
        await using var server = new HttpTestServer();
        server.Configuration["Http:WebSocketUrl"] = "wss://fleet.example/ws/?a=1&b=<script>";
        server.Configuration["Admin:Token"] = "secret-token";
        await server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Accept", Browser);
        request.Headers.TryAddWithoutValidation("Host", "\"><script>alert(1)</script>");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "<script>");

        using HttpResponseMessage response = await server.Public.SendAsync(request);

        // Kestrel may refuse the host before the page sees it.
        Assert.DoesNotContain("<script", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        using HttpResponseMessage other = await GetAsync(server.Public, "/", Browser, "en");
        string page = await AssertPageAsync(other, "en");
        Assert.Contains("wss://fleet.example/ws/?a=1&amp;b=&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", page, StringComparison.Ordinal);
    }

    private static async Task<HttpTestServer> StartAsync() => await new HttpTestServer().StartAsync();

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string accept, string languages) =>
        SendAsync(client, "GET", path, accept, languages);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? accept, string languages)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (languages.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Accept-Language", languages);
        }

        return await client.SendAsync(request);
    }

    /// <summary>Every page: no script, nothing loaded, and a policy that allows its style sheet by hash.</summary>
    private static async Task<string> AssertPageAsync(HttpResponseMessage response, string language)
    {
        string page = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Encoding.UTF8.GetByteCount(page), response.Content.Headers.ContentLength);
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", Assert.Single(response.Headers.GetValues("Cache-Control")));
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(StyleSheet().Match(page).Groups[1].Value)));
        Assert.StartsWith($"default-src 'none'; style-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
        return page;
    }

    [GeneratedRegex("<style>(.*)</style>")]
    private static partial Regex StyleSheet();
}
