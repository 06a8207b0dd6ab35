using System.Text.RegularExpressions;
using FastGate.Configuration.Options;
using StackExchange.Redis;
using YamlDotNet.RepresentationModel;

namespace FastGate.Tests.Deploy;

/// <content>The files for several gateways.</content>
public sealed partial class DeployFileTests
{
    [Fact]
    public void Compose_of_a_cluster_has_the_gateways_that_its_balancer_knows()
    {
        YamlMappingNode compose = Documents("cluster/compose.yaml")[0];
        var services = (YamlMappingNode)compose.Children["services"];
        string[] nodes = [.. services.Children.Keys.Select(static name => name.ToString()).Where(static name => name.StartsWith("gw", StringComparison.Ordinal))];
        Assert.Equal(["gw1", "gw2", "gw3"], nodes);
        string balancer = File.ReadAllText(Path.Combine(s_folder, "cluster", "haproxy.cfg"));
        foreach (string listen in (string[])[s_defaults.Devices.Listen, s_defaults.Http.Listen])
        {
            string[] servers = [.. Regex.Matches(balancer, $"server (gw[0-9]) (gw[0-9]):{Port(listen)}\n").Select(static match => $"{match.Groups[1]} {match.Groups[2]}")];
            Assert.Equal(nodes.Select(static node => $"{node} {node}"), servers);
            Assert.Contains($"bind :{Port(listen)}\n", balancer, StringComparison.Ordinal);
            Assert.Contains($"{Port(listen)}:{Port(listen)}", Texts((YamlMappingNode)services.Children["haproxy"], "ports"));
        }

        Assert.Contains($"check port {Port(s_defaults.Http.Listen)} ", balancer, StringComparison.Ordinal);
        HashSet<string> volumes = [.. ((YamlMappingNode)compose.Children["volumes"]).Children.Keys.Select(static name => name.ToString())];
        HashSet<string> secrets = [.. ((YamlMappingNode)compose.Children["secrets"]).Children.Keys.Select(static name => name.ToString())];
        foreach ((string name, Dictionary<string, YamlNode> service) in services.Children.Select(static pair => (pair.Key.ToString(), Merged(pair.Value))))
        {
            Assert.All(Names(service, "volumes"), mount => Assert.True(
                mount.StartsWith('.') ? File.Exists(Path.Combine(s_folder, "cluster", mount.Split(':')[0])) : volumes.Contains(mount.Split(':')[0]), mount));
            Assert.All(Names(service, "secrets"), secret => Assert.Contains(secret, secrets));
            Assert.All(Names(service, "networks"), network => Assert.Contains(network, ((YamlMappingNode)compose.Children["networks"]).Children.Keys.Select(static key => key.ToString())));
            if (nodes.Contains(name))
            {
                Dictionary<string, YamlNode> environment = Merged(service["environment"]);
                Assert.Equal(name, environment["FastGate__Cluster__Node"].ToString());
                Assert.Equal([$"{name}-data:/var/lib/fastgate/data", "config:/var/lib/fastgate/config:ro"], Names(service, "volumes"));
                Assert.All(environment.Keys, AssertVariable);
                Assert.All(environment.Where(static pair => pair.Key.EndsWith("_FILE", StringComparison.Ordinal)), pair =>
                    Assert.Contains(pair.Value.ToString(), Names(service, "secrets").Select(static secret => $"/run/secrets/{secret}")));
            }
        }

        // Redis and PostgreSQL are in the network without a way out, and publish nothing.
        Assert.Equal("true", Text(compose, "networks", "engines", "internal"));
        Assert.All((string[])["redis", "postgres"], engine => Assert.Equal(["engines"], Texts((YamlMappingNode)services.Children[engine], "networks")));
        Assert.All((string[])["redis", "postgres"], engine => Assert.Empty(Texts((YamlMappingNode)services.Children[engine], "ports")));
        Assert.Contains("--maxmemory-policy noeviction", string.Join(' ', Texts((YamlMappingNode)services.Children["redis"], "command")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_balancer_of_a_cluster_keeps_an_idle_device_longer_than_the_gateway_and_does_not_cut_a_drain_short()
    {
        string[] lines = [.. File.ReadLines(Path.Combine(s_folder, "cluster", "haproxy.cfg")).Select(static line => line.Trim()).Where(static line => !line.StartsWith('#'))];
        string tunnel = lines.Single(static line => line.StartsWith("timeout tunnel ", StringComparison.Ordinal));
        double seconds = double.Parse(tunnel.AsSpan("timeout tunnel ".Length).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(seconds > (s_defaults.Devices.Timeouts.Idle + s_defaults.Devices.Timeouts.IdleGrace).TotalSeconds);
        Assert.DoesNotContain(lines, static line => line.Contains("shutdown-sessions", StringComparison.Ordinal));
    }

    [Fact]
    public void Kubernetes_names_the_nodes_by_their_pods_and_has_an_example_of_every_secret()
    {
        Dictionary<string, YamlMappingNode> objects = Objects("cluster.yaml");
        YamlMappingNode set = objects["StatefulSet/fastgate-cluster"];
        Assert.True(int.Parse(Text(set, "spec", "replicas"), System.Globalization.CultureInfo.InvariantCulture) >= 3);
        Assert.Equal("1", Text(objects["PodDisruptionBudget/fastgate-cluster"], "spec", "maxUnavailable"));
        YamlMappingNode container = Items(Node(set, "spec", "template", "spec"), "containers").Single();
        var variables = Items(container, "env").ToDictionary(static variable => Text(variable, "name"));
        Assert.Equal("metadata.name", Text(variables["FastGate__Cluster__Node"], "valueFrom", "fieldRef", "fieldPath"));

        var secrets = ((YamlMappingNode)Node(objects["Secret/fastgate-cluster"], "stringData")).Children.ToDictionary(static pair => pair.Key.ToString(), static pair => pair.Value.ToString());
        string folder = Items(container, "volumeMounts").Single(static mount => Text(mount, "name") == "secret").Children["mountPath"].ToString();
        Assert.Equal(
            secrets.Keys.Select(secret => $"{folder}/{secret}").Order(StringComparer.Ordinal),
            variables.Values.Where(static variable => variable.Children.ContainsKey("value")).Select(static variable => Text(variable, "value")).Order(StringComparer.Ordinal));
        Assert.Single(ConfigurationOptions.Parse(secrets["redis"]).EndPoints);
        Assert.Equal("fastgate", new Npgsql.NpgsqlConnectionStringBuilder(secrets["postgres"]).Database);
        Assert.Equal(MemoryProviderKind.Postgres, OptionsOf(Text(objects["ConfigMap/fastgate-cluster"], "data", "appsettings.json")).Memory.Provider);
    }

    /// <summary>A mapping with what its <c>&lt;&lt;</c> names.</summary>
    private static Dictionary<string, YamlNode> Merged(YamlNode node)
    {
        var mapping = (YamlMappingNode)node;
        Dictionary<string, YamlNode> merged = mapping.Children.TryGetValue("<<", out YamlNode? other) ? Merged(other) : [];
        foreach ((YamlNode key, YamlNode value) in mapping.Children.Where(static pair => pair.Key.ToString() != "<<"))
        {
            merged[key.ToString()] = value;
        }

        return merged;
    }

    private static IEnumerable<string> Names(Dictionary<string, YamlNode> service, string key) =>
        service.TryGetValue(key, out YamlNode? items) ? ((YamlSequenceNode)items).Children.Select(static item => item.ToString()) : [];
}
