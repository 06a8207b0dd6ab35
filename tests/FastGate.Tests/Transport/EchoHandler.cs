using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Echoes its input with one flush per read.</summary>
internal static class EchoHandler
{
    public static async Task RunAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in result.Buffer)
            {
                output.Write(piece.Span);
            }

            input.AdvanceTo(result.Buffer.End);
            FlushResult flushed = await output.FlushAsync();
            if (result.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Throws when the first byte is an exclamation mark.</summary>
    public static async Task ThrowOrRunAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult result = await input.ReadAsync();
        bool isBad = result.Buffer.FirstSpan[0] == (byte)'!';
        input.AdvanceTo(result.Buffer.Start);
        if (isBad)
        {
            throw new InvalidOperationException("on purpose");
        }

        await RunAsync(connection);
    }
}
