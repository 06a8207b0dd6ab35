using System.Text;
using FastGate.Protocol.Proxies;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Proxies;

/// <summary>PROXY headers and reported addresses allocate nothing, whatever a peer sends.</summary>
public sealed class ProxyAllocationTests
{
    [Fact]
    public void Headers_and_lists_allocate_nothing()
    {
        byte[][] headers = [.. ProxyHeaderTests.Accepted.Select(static row => (byte[])row[1]!), .. ProxyHeaderTests.Refused.Select(static row => (byte[])row[1]!)];
        byte[] list = Encoding.ASCII.GetBytes("192.0.2.1, \"[2001:db8::1]:80\", unknown, ::ffff:1.2.3.4, 99.99.999.9");
        byte[] forwarded = Encoding.ASCII.GetBytes("for=192.0.2.1;proto=https, for=\"[2001:db8::1]:80\";by=_x, proto=http");
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (byte[] header in headers)
            {
                for (int length = 1; length <= header.Length; length++)
                {
                    ProxyHeader.Parse(header.AsSpan(0, length), out _, out _);
                }
            }

            Count(new ReportedNodes(list, ReportedHeader.XForwardedFor));
            Count(new ReportedNodes(forwarded, ReportedHeader.Forwarded));
        }, times: 3));
    }

    private static int Count(ReportedNodes nodes)
    {
        int count = 0;
        while (nodes.Read())
        {
            count++;
        }

        return count;
    }
}
