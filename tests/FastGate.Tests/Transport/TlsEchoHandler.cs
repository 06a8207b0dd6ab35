using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary><see cref="EchoHandler"/> behind a <see cref="TlsPipe"/>.</summary>
internal static class TlsEchoHandler
{
    public static async Task RunAsync(ConnectionContext context, TlsServer server)
    {
        using var tls = new TlsPipe(context.Transport, server);
        context.Transport = tls;
        await EchoHandler.RunAsync(context);
        await tls.EndAsync();
    }
}
