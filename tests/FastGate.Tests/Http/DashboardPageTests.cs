using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace FastGate.Tests.Http;

/// <summary>The files of the dashboard; a browser runs them in the functional tests.</summary>
public sealed partial class DashboardPageTests
{
    /// <summary>Own files together, in bytes, without the library.</summary>
    private const int MostBytes = 90_000;

    private static readonly string s_folder = Path.Combine(SourceTree.Root, "src", "FastGate", "Http", "Dashboard");

    private static readonly string[] s_files = [.. Directory.GetFiles(Path.Combine(s_folder, "Files")).Select(static file => Path.GetFileName(file))];

    [Fact]
    public async Task Page_may_load_only_its_own_files_and_ask_only_its_own_server()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using HttpResponseMessage response = await GetPageAsync(server.Admin);

        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        string page = await response.Content.ReadAsStringAsync();
        Assert.DoesNotMatch(InlineCode(), page);
        foreach (string path in Address().Matches(page).Select(static match => match.Groups[1].Value).Where(static path => path.StartsWith("/dashboard/", StringComparison.Ordinal)))
        {
            using HttpResponseMessage file = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }
    }

    /// <summary>A browser cannot send the token with the page; everything that the page asks for needs it.</summary>
    [Fact]
    public async Task Page_and_files_need_no_token_and_nothing_else_is_open()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        server.AdminToken = "secret-token";
        foreach (string file in s_files.Where(static file => file != "index.html"))
        {
            using HttpResponseMessage response = await server.Admin.GetAsync(new Uri($"/dashboard/{file}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.EndsWith(file.EndsWith(".css", StringComparison.Ordinal) ? "css; charset=utf-8" : "javascript; charset=utf-8", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        }

        using HttpResponseMessage page = await GetPageAsync(server.Admin);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        foreach (string path in (string[])["/api/v1/caller", "/api/v1/status", "/metrics", "/dashboards", "//dashboard/app.js"])
        {
            using HttpResponseMessage response = await server.Admin.GetAsync(new Uri($"{server.Admin.BaseAddress!.AbsoluteUri.TrimEnd('/')}{path}"));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/dashboard/index.html")]
    [InlineData("/dashboard/app.ts")]
    [InlineData("/dashboard/..%2Ftalk%2Fpage.js")]
    [InlineData("/dashboard/README.md")]
    [InlineData("/dashboard/")]
    public async Task Other_names_are_not_served(string path)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        using HttpResponseMessage response = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    /// <summary>Without a token only pages of this machine are served; the dashboard is one of them.</summary>
    [Theory]
    [InlineData("Host", "rebound.example")]
    [InlineData("Origin", "http://other.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Files_are_refused_to_other_sites_when_there_is_no_token(string header, string value)
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        foreach (string path in (string[])["/", "/dashboard/app.js", "/api/v1/caller"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage response = await server.Admin.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(null, "Operate")]
    [InlineData("operate-token", "Operate")]
    [InlineData("view-token", "View")]
    public async Task Caller_learns_its_role(string? token, string role)
    {
        await using HttpTestServer server = new() { ViewToken = token is null ? null : "view-token" };
        server.AdminToken = token is null ? null : "operate-token";
        await server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/caller");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal($$"""{"role":"{{role}}","address":"127.0.0.1"}""", await response.Content.ReadAsStringAsync());
    }

    /// <summary>A text that one language lacks would be shown as nothing, and a text that is used nowhere is a mistake in a name.</summary>
    [Fact]
    public async Task Every_text_exists_in_both_languages_and_is_used()
    {
        string[] english = await KeysAsync("english.js");
        string[] chinese = await KeysAsync("chinese.js");
        string scripts = string.Concat(s_files.Where(static file => file is not ("english.js" or "chinese.js")).Select(Read));

        Assert.Equal(english, chinese);
        Assert.Equal(english.Order(StringComparer.Ordinal), english);
        Assert.Empty(Used().Matches(scripts).Select(static match => match.Groups[1].Value).Except(english));
        Assert.DoesNotContain(english, key => !scripts.Contains($"'{key}'", StringComparison.Ordinal) && !IsComposed(key));
    }

    /// <summary>Text becomes markup only through these; the browser refuses them too.</summary>
    [Fact]
    public void Scripts_make_no_markup_and_name_no_other_server() =>
        Assert.All(s_files, static file => Assert.DoesNotMatch(Dangerous(), Read(file)));

    /// <summary>Modules import only files that exist, and no file is left over.</summary>
    [Fact]
    public void Modules_import_each_other()
    {
        string[] imported = [.. s_files.SelectMany(static file => Import().Matches(Read(file))).Select(static match => match.Groups[1].Value).Distinct()];
        Assert.Equal(
            s_files.Where(static file => file.EndsWith(".js", StringComparison.Ordinal) && file != "app.js").Order(StringComparer.Ordinal),
            imported.Order(StringComparer.Ordinal));
        Assert.InRange(s_files.Sum(static file => Read(file).Length), 10_000, MostBytes);
    }

    /// <summary>The library is that of its package, and its licence is served with it.</summary>
    [Fact]
    public async Task Library_is_unchanged_and_served_with_its_licence()
    {
        await using HttpTestServer server = await new HttpTestServer().StartAsync();
        string[] rows = [.. (await File.ReadAllLinesAsync(Path.Combine(s_folder, "Vendor", "README.md"))).Where(static line => line.StartsWith("| `", StringComparison.Ordinal))];
        Assert.Equal(3, rows.Length);
        foreach (string[] cells in rows.Select(static row => row.Split('`')))
        {
            byte[] served = await server.Admin.GetByteArrayAsync(new Uri($"/dashboard/{cells[1]}", UriKind.Relative));
            Assert.Equal(cells[5], Convert.ToHexStringLower(SHA256.HashData(served)));
        }
    }

    private static async Task<HttpResponseMessage> GetPageAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Accept", "text/html");
        return await client.SendAsync(request);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(s_folder, "Files", file));

    private static async Task<string[]> KeysAsync(string file) =>
        [.. Key().Matches(await File.ReadAllTextAsync(Path.Combine(s_folder, "Files", file))).Select(static match => match.Groups[1].Value)];

    private static bool IsComposed(string key) =>
        key.EndsWith("Theme", StringComparison.Ordinal) || Composed().IsMatch(key);

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Address();

    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^  (\w+):", RegexOptions.Multiline)]
    private static partial Regex Key();

    [GeneratedRegex(@"\bt\('(\w+)'")]
    private static partial Regex Used();

    [GeneratedRegex("from '\\./([\\w.]+)'")]
    private static partial Regex Import();

    [GeneratedRegex("^(?:overview|devices|handshakes|fleet|server|(?:live|close|drain)_.*)$")]
    private static partial Regex Composed();

    [GeneratedRegex("""innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://|createContextualFragment""")]
    private static partial Regex Dangerous();
}
