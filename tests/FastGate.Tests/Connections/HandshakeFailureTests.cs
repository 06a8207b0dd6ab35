using System.Buffers;
using System.Text;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>A handshake whose handling throws, which only a defect can cause.</summary>
public sealed class HandshakeFailureTests
{
    [Fact]
    public async Task Rented_copy_of_a_request_is_returned_when_its_handling_fails()
    {
        bool failed = false;
        uint Fail()
        {
            failed = true;
            throw new InvalidOperationException("on purpose");
        }

        using var harness = new ConnectionHarness(random: Fail);
        ScriptedDevice device = harness.Connect();

        // Larger than a segment of the pipe, so that the request is copied.
        string padding = string.Concat(Enumerable.Range(0, 7).Select(static number => $"X-Padding-{number}: {new string('p', 700)}\r\n"));
        byte[] request = Encoding.ASCII.GetBytes(ScriptedDevice.Request(headers: ScriptedDevice.DeviceHeaders + padding));
        byte[] rented = ArrayPool<byte>.Shared.Rent(request.Length);
        ArrayPool<byte>.Shared.Return(rented);

        // The pipe runs the server on this thread, so the pool gives this thread the array that it took back last.
        await device.SendAsync(request);

        Assert.True(failed);
        Assert.Same(rented, ArrayPool<byte>.Shared.Rent(request.Length));
    }
}
