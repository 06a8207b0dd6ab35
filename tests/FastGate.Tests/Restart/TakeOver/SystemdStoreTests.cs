using System.Net;
using System.Net.Sockets;
using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Tests.Transport;
using FastGate.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>Descriptors in the store of a service manager, between a stop and the next start.</summary>
public sealed class SystemdStoreTests : IDisposable
{
    private readonly FakeServiceManager _manager = new();
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        _manager.Dispose();
        _sockets.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(DescriptorSocket.MaxDescriptors)]
    [InlineData(DescriptorSocket.MaxDescriptors + 1)]
    [InlineData(600)]
    public async Task Sockets_are_found_again_by_the_numbers_of_the_state(int count)
    {
        int[] sockets = await KeepAsync(count);

        Assert.All(_manager.Messages.SkipLast(1), static message => Assert.Contains("FDPOLL=0", message, StringComparison.Ordinal));
        var found = StoredDescriptors.Find(_manager.Shuffled(count));

        Assert.NotNull(found);
        using SafeFileHandle state = found.State;
        byte[] magic = new byte[StateFormat.Magic.Length];
        Assert.Equal(magic.Length, RandomAccess.Read(state, magic, 0));
        Assert.Equal(StateFormat.Magic, magic);
        Assert.Equal(sockets.Order(), found.Sockets.Keys.Order());
        Assert.All(found.Sockets, static pair => Assert.Equal(LinuxSocket.Cookie(pair.Key), LinuxSocket.Cookie(pair.Value)));
        Assert.All(found.Sockets, static pair => LinuxSocket.Close(pair.Value));
    }

    [Fact]
    public async Task Socket_that_the_manager_has_dropped_is_missing_and_another_one_is_closed()
    {
        int[] sockets = await KeepAsync(3);
        (string Name, int Descriptor)[] passed = [.. _manager.Store];
        int dropped = passed.First(item => item.Name == SystemdStore.SocketName && LinuxSocket.Cookie(item.Descriptor) == LinuxSocket.Cookie(sockets[1])).Descriptor;
        LinuxSocket.Close(dropped);
        (DescriptorSocket own, int foreign) = DescriptorSocket.CreatePair();
        using (own)
        {
            var found = StoredDescriptors.Find([.. passed.Where(item => item.Descriptor != dropped), (SystemdStore.SocketName, foreign)]);

            Assert.Equal(new[] { sockets[0], sockets[2] }.Order(), found!.Sockets.Keys.Order());
            found.State.Dispose();
            Assert.All(found.Sockets, static pair => LinuxSocket.Close(pair.Value));
            Assert.Equal(0, own.Receive(new byte[1], [], Eventually.Limit));
        }
    }

    [Fact]
    public async Task Sockets_without_a_state_are_closed()
    {
        await KeepAsync(2);
        var address = (IPEndPoint)_sockets[0].LocalEndPoint!;
        _sockets.ForEach(static socket => socket.Dispose());
        using (var before = new TcpClient())
        {
            before.Connect(address);
        }

        Assert.Null(StoredDescriptors.Find([.. _manager.Store.Where(static item => item.Name == SystemdStore.SocketName)]));
        using var client = new TcpClient();
        Assert.Throws<SocketException>(() => client.Connect(address));
        _manager.Store.Where(static item => item.Name != SystemdStore.SocketName).ToList().ForEach(static item => LinuxSocket.Close(item.Descriptor));
    }

    [Fact]
    public void Descriptors_of_others_are_left_alone()
    {
        (DescriptorSocket own, int foreign) = DescriptorSocket.CreatePair();
        using (own)
        {
            Assert.Null(StoredDescriptors.Find([("another.socket", foreign)]));
            Assert.Equal(0, LinuxSocket.Close(foreign));
        }
    }

    [Fact]
    public void Clear_removes_every_name()
    {
        new SystemdStore(_manager.Address, 10).Clear();
        _manager.Handle(2);

        Assert.Equal(["FDSTOREREMOVE=1\nFDNAME=c\n", "FDSTOREREMOVE=1\nFDNAME=s\n"], _manager.Messages);
    }

    [Fact]
    public void Manager_that_does_not_answer_is_an_error_and_not_a_wait_without_end() =>
        Assert.ThrowsAny<SocketException>(() => new SystemdStore("/nonexistent/notify", 10).Keep(0, 0, []));

    [Theory]
    [InlineData(null, "10", false)]
    [InlineData("/run/notify", null, false)]
    [InlineData("/run/notify", "0", false)]
    [InlineData("/run/notify", "-1", false)]
    [InlineData("vsock:2:1", "10", false)]
    [InlineData("@", "10", false)]
    [InlineData("/run/notify", "10", true)]
    [InlineData("@abstract", "10", true)]
    public void Store_is_used_where_the_manager_offers_one(string? address, string? capacity, bool isOffered)
    {
        var store = SystemdStore.From(address, capacity);

        Assert.Equal(isOffered, store is not null);
        Assert.Equal(isOffered, store?.HasRoomFor(8) ?? false);
        Assert.False(store?.HasRoomFor(9) ?? false);
    }

    /// <summary>Listeners serve as sockets.</summary>
    private async Task<int[]> KeepAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            if (i == 0)
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                socket.Listen();
            }
        }

        int[] descriptors = [.. _sockets.Select(static socket => (int)socket.Handle)];
        using SafeFileHandle state = MemoryFile.Create("state\0"u8);
        RandomAccess.Write(state, StateFormat.Magic, 0);
        using SafeFileHandle table = StoredDescriptors.WriteTable(descriptors);
        var keeping = Task.Run(() => new SystemdStore(_manager.Address, 1000).Keep(
            (int)state.DangerousGetHandle(), (int)table.DangerousGetHandle(), descriptors));
        _manager.Handle();
        await keeping.Within();
        return descriptors;
    }
}
