using System.Net;
using FastGate.Hosting.Commands;

namespace FastGate.Tests.Hosting;

/// <summary>What the health check is told, and what it does not believe.</summary>
public sealed class PublishedAddressTests : IDisposable
{
    private static readonly IPEndPoint s_first = new(IPAddress.IPv6Any, 8003);
    private static readonly IPEndPoint s_second = new(IPAddress.Loopback, 9003);

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-published-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void It_is_found_until_it_is_taken_back_and_nothing_else_is_left()
    {
        Assert.Null(PublishedAddress.Find([_directory]));
        using (PublishedAddress.Publish(s_first, [_directory]))
        {
            Assert.Equal(s_first, PublishedAddress.Find([_directory]));
            Assert.Single(Directory.GetFiles(_directory));
        }

        Assert.Null(PublishedAddress.Find([_directory]));
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public void Whoever_starts_later_is_the_one_that_is_told()
    {
        var before = PublishedAddress.Publish(s_first, [_directory]);
        using var after = PublishedAddress.Publish(s_second, [_directory]);

        before.Dispose();

        Assert.Equal(s_second, PublishedAddress.Find([_directory]));
    }

    [Fact]
    public void Where_one_place_cannot_be_written_the_next_is_taken()
    {
        string missing = Path.Combine(_directory, "missing");

        using var published = PublishedAddress.Publish(s_first, [missing, _directory]);

        Assert.Equal(s_first, PublishedAddress.Find([missing, _directory]));
        using var untold = PublishedAddress.Publish(s_first, [missing]);
        Assert.Null(PublishedAddress.Find([missing]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody at home")]
    [InlineData("1 nowhere")]
    [InlineData("2147483646 127.0.0.1:8003")]
    public void What_a_dead_server_left_or_nobody_understands_is_nothing(string content)
    {
        PublishedAddress.Publish(s_first, [_directory]);
        File.WriteAllText(Assert.Single(Directory.GetFiles(_directory)), content);

        Assert.Null(PublishedAddress.Find([_directory]));
    }

    [Fact]
    public void A_link_that_somebody_has_put_there_is_replaced_and_not_followed()
    {
        PublishedAddress.Publish(s_first, [_directory]).Dispose();
        using (PublishedAddress.Publish(s_first, [_directory]))
        {
            string path = Assert.Single(Directory.GetFiles(_directory));
            File.Delete(path);
            string target = Path.Combine(_directory, "precious");
            File.WriteAllText(target, "kept");
            File.CreateSymbolicLink(path, target);

            using var published = PublishedAddress.Publish(s_second, [_directory]);

            Assert.Equal("kept", File.ReadAllText(target));
            Assert.Equal(s_second, PublishedAddress.Find([_directory]));
        }
    }
}
