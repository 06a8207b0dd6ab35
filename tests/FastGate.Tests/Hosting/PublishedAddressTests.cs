using System.Net;
using FastGate.Hosting;

namespace FastGate.Tests.Hosting;

public sealed class PublishedAddressTests : IDisposable
{
    private static readonly IPEndPoint s_first = new(IPAddress.IPv6Any, 8003);
    private static readonly IPEndPoint s_second = new(IPAddress.Loopback, 9003);

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-published-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void An_address_is_found_until_it_is_withdrawn_and_no_file_remains()
    {
        Assert.Null(PublishedAddress.Find(_directory));
        PublishedAddress.Publish(s_first, s_first, _directory);
        Assert.Equal(s_first, PublishedAddress.Find(_directory));
        Assert.Single(Directory.GetFiles(_directory));

        PublishedAddress.Withdraw(_directory);

        Assert.Null(PublishedAddress.Find(_directory));
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public void The_address_published_last_is_found()
    {
        PublishedAddress.Publish(s_first, s_first, _directory);
        PublishedAddress.Publish(s_second, s_second, _directory);

        Assert.Equal(s_second, PublishedAddress.Find(_directory));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_no_error()
    {
        string missing = Path.Combine(_directory, "missing");

        PublishedAddress.Publish(s_first, s_first, missing);
        PublishedAddress.Withdraw(missing);

        Assert.Null(PublishedAddress.Find(missing));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no address")]
    public void A_file_without_an_address_is_ignored(string content)
    {
        PublishedAddress.Publish(s_first, s_first, _directory);
        File.WriteAllText(Assert.Single(Directory.GetFiles(_directory)), content);

        Assert.Null(PublishedAddress.Find(_directory));
    }

    [Fact]
    public void A_link_of_another_user_is_replaced_and_not_followed()
    {
        PublishedAddress.Publish(s_first, s_first, _directory);
        string path = Assert.Single(Directory.GetFiles(_directory));
        File.Delete(path);
        string target = Path.Combine(_directory, "precious");
        File.WriteAllText(target, "kept");
        File.CreateSymbolicLink(path, target);

        PublishedAddress.Publish(s_second, s_second, _directory);

        Assert.Equal("kept", File.ReadAllText(target));
        Assert.Equal(s_second, PublishedAddress.Find(_directory));
    }
}
