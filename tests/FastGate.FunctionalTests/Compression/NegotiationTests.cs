using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Conformance of permessage-deflate: what the server answers to each offer, and that both sides then understand each other.</summary>
public sealed class NegotiationTests(CompressingEcho fixture) : IClassFixture<CompressingEcho>
{
    private const string Accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    /// <summary>Window bits in an offer: none, without a value, and all values.</summary>
    private static readonly string[] s_bits = ["", .. Enumerable.Range(8, 8).Select(static bits => $"={bits}")];

    [Fact]
    public async Task Every_combination_of_parameters_is_accepted_and_used()
    {
        string text = string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"{i % 700} 你好 "));
        byte[] message = Encoding.UTF8.GetBytes(text);
        foreach (string takeover in (string[])["", "; server_no_context_takeover", "; client_no_context_takeover", "; client_no_context_takeover; server_no_context_takeover"])
        {
            foreach (string server in s_bits)
            {
                foreach (string client in (string[])["none", .. s_bits])
                {
                    string serverBits = server.Length == 0 ? "" : $"; server_max_window_bits{server}";
                    string clientBits = client == "none" ? "" : $"; client_max_window_bits{client}";
                    string confirmed = client.StartsWith('=') ? clientBits : "";

                    using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, $"permessage-deflate{clientBits}{takeover}{serverBits}");

                    Assert.Equal(Accepted + serverBits + confirmed, device.Answer);
                    await device.Connection.SendAsync(CompressedDevice.Frames(RawFrame.Text, ZlibPayload.Of(message, 2), isCompressed: true));
                    (int Opcode, byte[] Message, bool IsCompressed) echo = await device.ReadAsync();
                    Assert.Equal(RawFrame.Text, echo.Opcode);
                    Assert.True(echo.IsCompressed && echo.Message.AsSpan().SequenceEqual(message));
                }
            }
        }
    }

    [Theory]
    // The first offer that can be accepted, in one line or in several.
    [InlineData("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9, permessage-deflate")]
    [InlineData("permessage-deflate", "x-webkit-deflate-frame, permessage-deflate", "permessage-deflate; server_max_window_bits=9")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=11", "permessage-deflate; mux", "permessage-bzip2", "permessage-deflate; server_max_window_bits=11")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits, permessage-deflate")]
    // Spaces, quotes and escapes.
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate\t;  server_max_window_bits = \"10\" ")]
    [InlineData("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", "permessage-deflate;client_max_window_bits=\"\\9\";server_max_window_bits=\"1\\0\"")]
    [InlineData("permessage-deflate", ",permessage-deflate,,")]
    // Declined: unknown and repeated parameters, values that are missing, not expected or out of range.
    [InlineData(null, "permessage-deflate; mux")]
    [InlineData(null, "permessage-deflate; client_max_window_bits; client_max_window_bits")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=9; server_max_window_bits=10")]
    [InlineData(null, "permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData(null, "permessage-deflate; server_max_window_bits")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=7")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=16")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=010")]
    [InlineData(null, "permessage-deflate; server_max_window_bits=4294967305")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=16")]
    [InlineData(null, "permessage-deflate; client_max_window_bits=-9")]
    [InlineData(null, "permessage-deflate; client_no_context_takeover=15")]
    [InlineData(null, "x-webkit-deflate-frame", "permessage-bzip2; level=9")]
    public async Task Offer_is_answered(string? expected, params string[] offers)
    {
        using CompressedDevice device = await CompressedDevice.OpenAsync(fixture.Gateway.DevicePort, offers);

        Assert.Equal(expected?.Replace("permessage-deflate", Accepted, StringComparison.Ordinal), device.Answer);

        // A message that is marked as compressed is a violation unless an offer was accepted.
        await device.Connection.SendAsync(CompressedDevice.Frames(RawFrame.Binary, ZlibPayload.Of(new byte[100], 0), isCompressed: true));
        RawFrame? reply = await device.Connection.ReadFrameAsync();
        Assert.Equal(expected is null ? (RawFrame.Close, 1002) : (RawFrame.Binary, null), (reply?.Opcode, reply?.CloseStatus));
    }

    [Theory]
    [InlineData("permessage-deflate;")]
    [InlineData("permessage-deflate; server_max_window_bits=")]
    [InlineData("permessage-deflate; server_max_window_bits=\"10")]
    [InlineData("permessage-deflate; server_max_window_bits=\"1 0\"")]
    [InlineData("permessage-deflate client_max_window_bits")]
    [InlineData("permessage-deflate; =10")]
    [InlineData("\"permessage-deflate\"")]
    [InlineData(";")]
    public async Task Header_that_is_not_a_list_of_extensions_is_refused(string offer)
    {
        using RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);

        Assert.Equal(400, (await CompressedDevice.OfferAsync(device, offer)).Status);
    }
}
