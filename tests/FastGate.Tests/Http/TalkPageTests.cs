using System.Net;
using System.Text.RegularExpressions;

namespace FastGate.Tests.Http;

/// <summary>The files of the page <c>/talk</c>; a browser runs them in the functional tests.</summary>
public sealed partial class TalkPageTests
{
    /// <summary>All files together, in bytes.</summary>
    private const int MostBytes = 30_000;

    private static readonly string[] s_files = ["/talk/page.css", "/talk/page.js", "/talk/words.js", "/talk/capture.js"];

    [Fact]
    public async Task Page_names_the_addresses_and_allows_only_its_own_files()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();

        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri("/talk", UriKind.Relative));

        string page = await response.Content.ReadAsStringAsync();
        string http = $"http://{server.EndPointOf("http")}";
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("value=\"ws://127.0.0.1:8000/xiaozhi/v1/\"", page, StringComparison.Ordinal);
        Assert.Contains($"data-ota=\"{http}/xiaozhi/ota/\"", page, StringComparison.Ordinal);
        Assert.Equal(
            $"default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws: wss: {http}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.All(Address().Matches(page), static match => Assert.Contains(match.Groups[1].Value, s_files));
        Assert.DoesNotMatch(InlineCode(), page);
    }

    [Fact]
    public async Task Where_tls_is_required_the_page_asks_ota_over_https()
    {
        await using var server = new HttpTestServer();
        (server.Configuration["Devices:Tls:Certificate"], server.Configuration["Devices:Tls:Required"]) = ("server.pem", "true");
        await server.StartAsync();

        string page = await server.Admin.GetStringAsync(new Uri("/talk", UriKind.Relative));

        Assert.Contains($"data-ota=\"https://{server.EndPointOf("http")}/xiaozhi/ota/\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_small_and_are_never_taken_for_another_type()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        int bytes = 0;
        foreach (string path in s_files.Prepend("/talk"))
        {
            using HttpResponseMessage response = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-store", Assert.Single(response.Headers.GetValues("Cache-Control")));
            Assert.EndsWith("; charset=utf-8", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
            bytes += (await response.Content.ReadAsByteArrayAsync()).Length;
        }

        Assert.InRange(bytes, 10_000, MostBytes);
    }

    /// <summary>A text that one language lacks would be shown as nothing.</summary>
    [Fact]
    public async Task Every_text_exists_in_both_languages()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        string words = await server.Admin.GetStringAsync(new Uri("/talk/words.js", UriKind.Relative));
        string page = await server.Admin.GetStringAsync(new Uri("/talk", UriKind.Relative)) + await server.Admin.GetStringAsync(new Uri("/talk/page.js", UriKind.Relative));
        string[] languages = words.Split("const chinese");
        string[] english = [.. Key().Matches(languages[0]).Select(static match => match.Groups[1].Value)];
        string[] chinese = [.. Key().Matches(languages[1]).Select(static match => match.Groups[1].Value)];

        Assert.Equal(english, chinese);
        Assert.All(Used().Matches(page), match => Assert.Contains(match.Groups[1].Value, english));
    }

    [Fact]
    public async Task Host_of_the_request_cannot_become_markup_or_policy()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.AdminToken = "secret-token";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/talk");
        request.Headers.TryAddWithoutValidation("Host", "a;script-src *\"><script>");

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        // Kestrel may refuse the host before the page sees it.
        string all = string.Join('\n', response.Headers.Select(static header => string.Join(' ', header.Value))) + await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<script>", all, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src *", all, StringComparison.Ordinal);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Address();

    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^  (\w+):", RegexOptions.Multiline)]
    private static partial Regex Key();

    [GeneratedRegex("""(?:data-t="|words\.(?!js))(\w+)""")]
    private static partial Regex Used();
}
