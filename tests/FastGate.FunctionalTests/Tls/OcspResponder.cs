using System.Globalization;
using System.Net;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Tls;

/// <summary>
/// An issuer of one certificate, which names this responder. <c>openssl ocsp</c> makes the answers; its own server would listen on all addresses.
/// </summary>
internal sealed class OcspResponder : IDisposable
{
    private readonly string _folder;
    private readonly HttpListener _listener = new();

    private OcspResponder(string folder, int port)
    {
        _folder = folder;
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
    }

    /// <summary>Writes <c>issued.pem</c>, with the issuer after the certificate, and <c>issued.key</c>.</summary>
    public static async Task<OcspResponder> StartAsync(string folder, int port, string name)
    {
        string[] ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        await OpensslAsync(folder, [
            "req", "-x509", .. ec, "-days", "60", "-subj", "/CN=Issuer", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", "issuer.key", "-out", "issuer.pem"]);
        await OpensslAsync(folder, ["req", .. ec, "-subj", $"/CN={name}", "-keyout", "issued.key", "-out", "request.pem"]);
        await File.WriteAllTextAsync(Path.Combine(folder, "extensions"), $"subjectAltName=DNS:{name}\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:{port}/\n");
        await OpensslAsync(folder, [
            "x509", "-req", "-in", "request.pem", "-CA", "issuer.pem", "-CAkey", "issuer.key", "-set_serial", "4096", "-days", "60", "-extfile", "extensions",
            "-out", "issued.pem"]);
        await File.AppendAllTextAsync(Path.Combine(folder, "issued.pem"), await File.ReadAllTextAsync(Path.Combine(folder, "issuer.pem")));
        string end = DateTime.UtcNow.AddDays(60).ToString("yyMMddHHmmss", CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(Path.Combine(folder, "index"), $"V\t{end}Z\t\t1000\tunknown\t/CN={name}\n");
        var responder = new OcspResponder(folder, port);
        _ = responder.RunAsync();
        return responder;
    }

    public void Dispose() => _listener.Close();

    private static Task<string> OpensslAsync(string folder, string[] arguments) => ExternalProgram.RunAsync("openssl", arguments, folder);

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                await AnswerAsync(context);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    /// <summary>A request in the address (RFC 6960 appendix A).</summary>
    private async Task AnswerAsync(HttpListenerContext context)
    {
        byte[] request = Convert.FromBase64String(Uri.UnescapeDataString(context.Request.RawUrl!.TrimStart('/')));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "question"), request);
        await OpensslAsync(
            _folder,
            [
                "ocsp", "-index", "index", "-CA", "issuer.pem", "-rsigner", "issuer.pem", "-rkey", "issuer.key", "-reqin", "question", "-respout", "answer",
                "-ndays", "7"]);
        context.Response.ContentType = "application/ocsp-response";
        await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(_folder, "answer")));
        context.Response.Close();
    }
}
