using System.Net.Sockets;

namespace FastGate.Tests.Transport;

/// <summary>Assertions about connections that are used by several transport tests.</summary>
internal static class TransportAssert
{
    public static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(at));
            Assert.True(read > 0, $"Ended after {at} of {count} bytes.");
            at += read;
        }

        return bytes;
    }

    public static async Task EndedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }
        catch (SocketException)
        {
            // A reset ends the connection as well.
        }
    }

    public static Task NoneLeftAsync(TransportHarness harness) =>
        Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0 && harness.Count("open") == 0, "no connection left");
}
