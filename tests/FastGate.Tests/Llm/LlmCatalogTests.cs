using System.Collections.Concurrent;
using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Llm;

public sealed class LlmCatalogTests
{
    private readonly ConcurrentDictionary<string, FakeChatClient> _clients = new();

    [Fact]
    public void Concurrent_calls_create_and_share_one_instance()
    {
        using var inside = new ManualResetEventSlim();
        var factory = new FakeChatClientFactory(_ =>
        {
            inside.Wait(CountSignal.Timeout);
            return FakeChatClient.Saying("好。");
        });
        using var catalog = new LlmCatalog(Config("m"), factory, NullLogger<LlmCatalog>.Instance);
        var resolved = new ConcurrentBag<LlmInstance>();
        Thread[] threads = Enumerable.Range(0, 8).Select(_ => new Thread(() => resolved.Add(catalog.Resolve("chat").Instance!))).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        inside.Set();
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Single(factory.Made);
        Assert.Single(resolved.Distinct());
    }

    [Fact]
    public void Purposes_with_equal_settings_share_an_instance()
    {
        FakeChatClientFactory factory = Factory();
        using var catalog = new LlmCatalog(
            Config("m", ("ByMode:chat", "a"), ("ByMode:memory:alias", "a"), ("ByMode:memory:model_name", "m"), ("ByMode:intent:alias", "a"), ("ByMode:intent:temperature", "0")),
            factory, NullLogger<LlmCatalog>.Instance);
        Assert.Same(catalog.Resolve("chat").Instance, catalog.Resolve("memory").Instance);
        Assert.NotSame(catalog.Resolve("chat").Instance, catalog.Resolve("intent").Instance);
        Assert.Same(catalog.Resolve("chat").Instance!.Endpoint, catalog.Resolve("intent").Instance!.Endpoint);
        Assert.Equal(2, factory.Made.Count);
    }

    [Fact]
    public void Reload_applies_to_the_next_call_and_the_old_instance_is_disposed_after_its_last_call()
    {
        using var catalog = new LlmCatalog(Config("old"), Factory(), NullLogger<LlmCatalog>.Instance);
        LlmLease inUse = catalog.Resolve("chat");
        catalog.Resolve("chat").Dispose();
        catalog.Apply(Config("new"));

        Assert.Equal("new", catalog.Resolve("chat").Instance!.Settings.Model);
        Assert.Equal(0, _clients["old"].Disposals.Value);
        inUse.Dispose();
        inUse.Dispose();
        Assert.Equal(1, _clients["old"].Disposals.Value);
    }

    [Fact]
    public void Reload_keeps_unchanged_instances_and_their_endpoints()
    {
        using var catalog = new LlmCatalog(Config("same"), Factory(), NullLogger<LlmCatalog>.Instance);
        using LlmLease before = catalog.Resolve("chat");
        catalog.Apply(Config("same", ("ByMode:memory", "echo")));
        using LlmLease after = catalog.Resolve("chat");
        Assert.Same(before.Instance, after.Instance);
        catalog.Apply(Config("same", ("ByMode:default:alias", "a"), ("ByMode:default:temperature", "1")));
        using LlmLease overridden = catalog.Resolve("chat");
        Assert.NotSame(before.Instance, overridden.Instance);
        Assert.Same(before.Instance!.Endpoint, overridden.Instance!.Endpoint);
    }

    [Fact]
    public void Models_of_one_server_share_its_slots_and_have_their_own_breakers()
    {
        (string, string?)[] providers =
        [
            ("Providers:b:Type", "openai"), ("Providers:b:Model", "b"), ("Providers:b:MaxConcurrency", "3"), ("ByMode:memory", "b"),
            ("ByMode:intent:alias", "b"), ("ByMode:intent:url", "http://elsewhere/v1"),
        ];
        using var catalog = new LlmCatalog(Config("a", providers), Factory(), NullLogger<LlmCatalog>.Instance);
        using LlmLease chat = catalog.Resolve("chat");
        using LlmLease memory = catalog.Resolve("memory");
        using LlmLease elsewhere = catalog.Resolve("intent");
        Assert.Same(chat.Instance!.Endpoint.Server, memory.Instance!.Endpoint.Server);
        Assert.NotSame(chat.Instance.Endpoint.Breaker, memory.Instance.Endpoint.Breaker);
        Assert.Equal(3, chat.Instance.Endpoint.Server.Slots.CurrentCount);
        Assert.NotSame(chat.Instance.Endpoint.Server, elsewhere.Instance!.Endpoint.Server);

        // A changed limit of one provider applies to the other provider of the same server.
        catalog.Apply(Config("a", [.. providers, ("Providers:b:MaxConcurrency", "2")]));
        using LlmLease after = catalog.Resolve("chat");
        Assert.Equal(2, after.Instance!.Endpoint.Server.Slots.CurrentCount);
    }

    [Fact]
    public void Instances_are_not_disposed_in_use_and_do_not_leak_over_many_reloads()
    {
        const int Switches = 1_000;
        const int Models = 3;
        var made = new ConcurrentQueue<FakeChatClient>();
        var factory = new FakeChatClientFactory(_ =>
        {
            // Let another thread change the configuration during the creation.
            Thread.Yield();
            var client = FakeChatClient.Saying("好。");
            made.Enqueue(client);
            return client;
        });
        using var catalog = new LlmCatalog(Config("m0"), factory, NullLogger<LlmCatalog>.Instance);
        using var stop = new CancellationTokenSource();
        int disposedInUse = 0;
        int leases = 0;
        string[] purposes = ["chat", "memory", "unlisted"];
        Thread[] users = Enumerable.Range(0, 4).Select(user => new Thread(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                using LlmLease resolved = user == 3 ? catalog.ResolveFallback("chat", step: 1)! : catalog.Resolve(purposes[i % purposes.Length]);
                var client = (FakeChatClient)resolved.Instance!.Client;
                Thread.Yield();
                Interlocked.Add(ref disposedInUse, client.Disposals.Value);
                Interlocked.Increment(ref leases);
                _ = user == 0 ? catalog.Explain() : [];
            }
        })).ToArray();
        Array.ForEach(users, static thread => thread.Start());

        // Settings stay, disappear and return: an instance is kept by one reload, retired by the next, and created again by a later one.
        for (int i = 1; i <= Switches; i++)
        {
            catalog.Apply(Config("m" + (i % Models), ("ByMode:memory:alias", "a"), ("ByMode:memory:model", "m" + (i / 2 % Models)), ("ByMode:chat", "a")));
        }

        stop.Cancel();
        Array.ForEach(users, static thread => thread.Join());
        Assert.True(leases > 0);
        Assert.Equal(0, disposedInUse);
        Assert.All(made, static client => Assert.InRange(client.Disposals.Value, 0, 1));

        // The last configuration holds at most one instance per model that it uses; no other instance is alive.
        Assert.InRange(made.Count(static client => client.Disposals.Value == 0), 0, 2);
        catalog.Apply(Config("last"));
        Assert.NotEmpty(made);
        Assert.All(made, static client => Assert.Equal(1, client.Disposals.Value));
    }

    [Fact]
    public void Failed_creation_uses_the_default_and_is_tried_again_at_the_next_call()
    {
        bool broken = true;
        var factory = new FakeChatClientFactory(settings =>
            settings.Model == "b" && broken ? throw new InvalidOperationException("no such model") : FakeChatClient.Saying("好。"));
        var logs = new RecordingLogger<LlmCatalog>();
        using var catalog = new LlmCatalog(
            Config("a", ("Providers:b:Type", "openai"), ("Providers:b:Model", "b"), ("ByMode:chat", "b")), factory, logs);

        using (LlmLease first = catalog.Resolve("chat"))
        {
            Assert.Equal(("a", "a"), (first.Alias, first.Instance!.Settings.Model));
            Assert.Contains("no such model", first.Why, StringComparison.Ordinal);
        }

        LlmExplanation row = catalog.Explain().Single(static row => row.Purpose == "chat");
        Assert.Equal("a", row.Alias);
        Assert.Contains("no such model", row.Why, StringComparison.Ordinal);

        catalog.Resolve("chat").Dispose();
        Assert.Equal(1, logs.Count(3004));
        broken = false;
        using LlmLease second = catalog.Resolve("chat");
        Assert.Equal(("b", "b"), (second.Alias, second.Instance!.Settings.Model));
    }

    [Fact]
    public void Lease_has_no_instance_when_the_default_cannot_be_created()
    {
        using var catalog = new LlmCatalog(Config("m"), new FakeChatClientFactory(static _ => throw new InvalidOperationException("no")), NullLogger<LlmCatalog>.Instance);
        using LlmLease resolved = catalog.Resolve("chat");
        Assert.Null(resolved.Instance);
    }

    [Fact]
    public void Unlisted_purpose_is_logged_once_per_configuration()
    {
        var logs = new RecordingLogger<LlmCatalog>();
        using var catalog = new LlmCatalog(Config("m", ("ByMode:chat", "a")), Factory(), logs);
        for (int i = 0; i < 3; i++)
        {
            catalog.Resolve("meeting").Dispose();
            catalog.Resolve("Meeting ").Dispose();
            catalog.Resolve("chat").Dispose();
        }

        Assert.Equal(1, logs.Count(3002));
        catalog.Resolve("coding").Dispose();
        Assert.Equal(2, logs.Count(3002));
        catalog.Apply(Config("m", ("ByMode:chat", "a"), ("ByMode:memory", "a")));
        catalog.Resolve("meeting").Dispose();
        Assert.Equal(3, logs.Count(3002));
    }

    [Fact]
    public void Warnings_about_unlisted_purposes_are_bounded()
    {
        var logs = new RecordingLogger<LlmCatalog>();
        using var catalog = new LlmCatalog(Config("m", ("ByMode:chat", "a")), Factory(), logs);
        for (int i = 0; i < 2_000; i++)
        {
            catalog.Resolve("p" + i).Dispose();
        }

        Assert.Equal(256, logs.Count(3002));
    }

    private static LlmConfiguration Config(string model, params (string, string?)[] more) =>
        ConversationBench.Read([("Providers:a:Type", "openai"), ("Providers:a:Model", model), ("Default", "a"), .. more]);

    private FakeChatClientFactory Factory() => new(settings => _clients.GetOrAdd(settings.Model ?? settings.Type, static _ => FakeChatClient.Saying("好。")));
}
