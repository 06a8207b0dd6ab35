using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Tests.Configuration;
using Microsoft.Extensions.Logging;
using YamlDotNet.RepresentationModel;

namespace FastGate.Tests.Deploy;

/// <summary>The files of <c>deploy/</c> name only what exists: metrics, options, ports, paths, files, and each other.</summary>
public sealed partial class DeployFileTests
{
    private static readonly string s_folder = Path.Combine(SourceTree.Root, "deploy");
    private static readonly GatewayOptions s_defaults = new();

    public static TheoryData<string> WithMetrics => [.. Files(".yml", ".yaml", ".json")];

    public static TheoryData<string> Yaml => [.. Files(".yml", ".yaml")];

    [Theory]
    [MemberData(nameof(WithMetrics))]
    public void Every_metric_that_a_file_names_exists(string file)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, file));
        string[] unknown = [.. Metric().Matches(text).Select(static match => match.Value).Distinct().Where(static name => !MetricFamilies.Names.Contains(name))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void The_dashboard_has_panels_with_queries_that_fit_a_place_each()
    {
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, "grafana", "dashboards", "fastgate.json")))!;
        JsonNode[] panels = [.. dashboard["panels"]!.AsArray().Select(static panel => panel!)];
        Assert.Equal(panels.Length, panels.Select(static panel => (int)panel["id"]!).Distinct().Count());
        JsonNode[] graphs = [.. panels.Where(static panel => (string?)panel["type"] != "row")];
        Assert.True(graphs.Length >= 20);
        Assert.All(graphs, static panel => Assert.All(panel["targets"]!.AsArray(), static target => Assert.Matches(Metric(), (string)target!["expr"]!)));
        Assert.All(panels, static panel => Assert.InRange((int)panel["gridPos"]!["x"]! + (int)panel["gridPos"]!["w"]!, 1, 24));
    }

    [Theory]
    [MemberData(nameof(Yaml))]
    public void A_yaml_file_is_legible(string file) => Assert.NotEmpty(Documents(file));

    [Fact]
    public void Each_alert_has_a_severity_a_summary_and_a_chapter_of_the_runbook()
    {
        HashSet<string> chapters = [.. File.ReadLines(Path.Combine(SourceTree.Root, "docs", "runbook.md"))
            .Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => "docs/runbook.md#" + Anchor(line[3..]))];
        YamlMappingNode[] alerts = [.. Items(Documents("prometheus/fastgate.rules.yml")[0], "groups").SelectMany(static group => Items(group, "rules"))
            .Where(static rule => rule.Children.ContainsKey("alert"))];
        Assert.True(alerts.Length >= 15);
        Assert.All(alerts, alert =>
        {
            Assert.Matches("^(warning|critical)$", Text(alert, "labels", "severity"));
            Assert.NotEmpty(Text(alert, "annotations", "summary"));
            Assert.True(chapters.Contains(Text(alert, "annotations", "runbook")), Text(alert, "annotations", "runbook"));
        });
    }

    [Fact]
    public void Compose_mounts_files_that_exist_and_sets_options_that_exist()
    {
        YamlMappingNode compose = Documents("compose.yaml")[0];
        var services = (YamlMappingNode)compose.Children["services"];
        Assert.Equal(["fastgate", "grafana", "prometheus"], services.Children.Keys.Select(static name => name.ToString()).Order(StringComparer.Ordinal));
        HashSet<string> volumes = [.. ((YamlMappingNode)compose.Children["volumes"]).Children.Keys.Select(static name => name.ToString())];
        HashSet<string> secrets = [.. ((YamlMappingNode)compose.Children["secrets"]).Children.Keys.Select(static name => name.ToString())];
        foreach (YamlMappingNode service in services.Children.Values.Cast<YamlMappingNode>())
        {
            foreach (string mount in Texts(service, "volumes"))
            {
                string source = mount.Split(':')[0];
                Assert.True(source.StartsWith('.') ? Path.Exists(Path.Combine(s_folder, source)) : volumes.Contains(source), mount);
            }

            Assert.All(Texts(service, "secrets"), name => Assert.Contains(name, secrets));
            Assert.All(Texts(service, "depends_on"), name => Assert.Contains(services.Children.Keys, key => key.ToString() == name));
        }

        var gateway = (YamlMappingNode)services.Children["fastgate"];
        Assert.Equal([$"{Port(s_defaults.Devices.Listen)}:{Port(s_defaults.Devices.Listen)}", $"{Port(s_defaults.Http.Listen)}:{Port(s_defaults.Http.Listen)}"], Texts(gateway, "ports"));
        var environment = (YamlMappingNode)gateway.Children["environment"];
        Assert.All(environment.Children, pair =>
        {
            AssertVariable(pair.Key.ToString());
            Assert.True(!pair.Value.ToString().StartsWith("/run/secrets/", StringComparison.Ordinal) || secrets.Contains(Path.GetFileName(pair.Value.ToString())), pair.Value.ToString());
        });

        // The scrape's target and token, and Grafana's data source, are those of this file.
        string scrape = File.ReadAllText(Path.Combine(s_folder, "prometheus", "prometheus.compose.yml"));
        Assert.Contains($"[\"fastgate:{Port(environment.Children["FastGate__Admin__Listen"].ToString())}\"]", scrape, StringComparison.Ordinal);
        Assert.Contains($"/run/secrets/{Texts((YamlMappingNode)services.Children["prometheus"], "secrets").Single()}", scrape, StringComparison.Ordinal);
        Assert.Contains("http://prometheus:9090", File.ReadAllText(Path.Combine(s_folder, "grafana", "provisioning", "datasources", "prometheus.yaml")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fastgate.yaml", "fastgate", "dotnet /app/FastGate.dll drain start --wait --yes")]
    [InlineData("cluster.yaml", "fastgate-cluster", "dotnet /app/FastGate.dll drain start --reconnect --wait --yes")]
    public void Kubernetes_probes_ports_and_settings_are_those_of_the_gateway(string file, string name, string command)
    {
        Dictionary<string, YamlMappingNode> objects = Objects(file);
        Assert.Equal(
            [$"ConfigMap/{name}", $"PodDisruptionBudget/{name}", $"Secret/{name}", $"Service/{name}", $"Service/{name}-admin", $"StatefulSet/{name}"],
            objects.Keys.Order(StringComparer.Ordinal));
        YamlMappingNode set = objects[$"StatefulSet/{name}"];
        Assert.Equal($"{name}-admin", Text(set, "spec", "serviceName"));
        var pod = (YamlMappingNode)Node(set, "spec", "template", "spec");
        YamlMappingNode container = Items(pod, "containers").Single();
        var ports = Items(container, "ports").ToDictionary(static port => Text(port, "name"), static port => Text(port, "containerPort"));
        Assert.Equal(Port(s_defaults.Devices.Listen), ports["devices"]);
        Assert.Equal(Port(s_defaults.Http.Listen), ports["http"]);
        Assert.Equal(Port(s_defaults.Admin.Listen), ports["admin"]);
        foreach ((string probe, string path) in ((string, string)[])[("startupProbe", "/health/ready"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")])
        {
            Assert.Equal(path, Text(container, probe, "httpGet", "path"));
            Assert.Equal("http", Text(container, probe, "httpGet", "port"));
        }

        Assert.Equal(ports["admin"], Text(set, "spec", "template", "metadata", "annotations", "prometheus.io/port"));
        Assert.All(objects.Where(static pair => pair.Key.StartsWith("Service/", StringComparison.Ordinal)), pair => Assert.All(Items(Node(pair.Value, "spec"), "ports"), port =>
            Assert.Equal(ports[Text(port, "targetPort")], Text(port, "port"))));
        Assert.All(Items(container, "env"), static variable => AssertVariable(Text(variable, "name")));

        // Every selector finds the pods.
        Assert.Equal(name, Text(set, "spec", "template", "metadata", "labels", "app"));
        Assert.All((string[][])[[$"Service/{name}", "selector", "app"], [$"Service/{name}-admin", "selector", "app"]], path => Assert.Equal(name, Text(objects[path[0]], ["spec", .. path[1..]])));
        Assert.Equal(name, Text(set, "spec", "selector", "matchLabels", "app"));
        Assert.Equal(name, Text(objects[$"PodDisruptionBudget/{name}"], "spec", "selector", "matchLabels", "app"));
        HashSet<string> volumes = [.. Items(pod, "volumes").Select(static volume => Text(volume, "name")), .. Items(Node(set, "spec"), "volumeClaimTemplates").Select(static claim => Text(claim, "metadata", "name"))];
        Assert.All(Items(container, "volumeMounts"), mount => Assert.Contains(Text(mount, "name"), volumes));

        GatewayOptions options = OptionsOf(Text(objects[$"ConfigMap/{name}"], "data", "appsettings.json"));
        Assert.Equal(ports["admin"], Port(options.Admin.Listen));
        int grace = int.Parse(Text(pod, "terminationGracePeriodSeconds"), System.Globalization.CultureInfo.InvariantCulture);
        string[] drain = [.. Texts((YamlMappingNode)Node(container, "lifecycle", "preStop", "exec"), "command")];
        Assert.Equal(command.Split(' '), drain.Where(static word => word is not ("--rate" or "500" or "--token-file" or "/run/secrets/fastgate/admin-token")));
        Assert.True(grace >= 40 + (options.Drain.LoadBalancerWait + options.Drain.Deadline).TotalSeconds + 5);
    }

    [Fact]
    public void Sysctl_lines_set_each_key_once_to_numbers()
    {
        string[] lines = [.. File.ReadLines(Path.Combine(s_folder, "sysctl", "90-fastgate.conf")).Where(static line => line.Length > 0 && !line.StartsWith('#'))];
        Assert.NotEmpty(lines);
        Assert.All(lines, static line => Assert.Matches("^(fs|net)(\\.[a-z0-9_-]+)+ = [0-9]+( [0-9]+)*$", line));
        Assert.Equal(lines.Length, lines.Select(static line => line.Split(' ')[0]).Distinct().Count());
        if (OperatingSystem.IsLinux())
        {
            Assert.All(lines.Select(static line => line.Split(' ')[0]).Where(static key => key.StartsWith("fs.", StringComparison.Ordinal)), static key => Assert.True(File.Exists("/proc/sys/" + key.Replace('.', '/')), key));
        }
    }

    [Fact]
    public void Proxies_keep_an_idle_device_longer_than_the_gateway_does()
    {
        double idle = (s_defaults.Devices.Timeouts.Idle + s_defaults.Devices.Timeouts.IdleGrace).TotalSeconds;
        foreach ((string file, string setting) in ((string, string)[])[("nginx.conf", "proxy_read_timeout"), ("nginx.conf", "proxy_send_timeout"), ("haproxy.cfg", "timeout tunnel")])
        {
            Match match = Regex.Match(File.ReadAllText(Path.Combine(s_folder, "proxies", file)), setting + " ([0-9]+)s");
            Assert.True(double.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) > idle, $"{file}: {setting}");
        }
    }

    private static IEnumerable<string> Files(params string[] extensions) => Directory.EnumerateFiles(s_folder, "*", SearchOption.AllDirectories)
        .Where(file => extensions.Contains(Path.GetExtension(file)))
        .Select(static file => Path.GetRelativePath(s_folder, file))
        .Order(StringComparer.Ordinal);

    /// <summary>The link of a heading, as GitHub makes it.</summary>
    internal static string Anchor(string heading) => string.Concat(heading.Trim().ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    private static GatewayOptions OptionsOf(string json)
    {
        using var fixture = new ConfigurationFixture { ["Admin:Token"] = "token-of-the-secret", ["Memory:ConnectionString"] = "Host=of-the-secret" };
        fixture.Write("appsettings.json", json);
        using GatewayConfiguration configuration = fixture.Create();
        Assert.DoesNotContain(fixture.Log.Lines, static line => line.Level >= LogLevel.Warning);
        return configuration.Current;
    }

    private static void AssertVariable(string variable)
    {
        Assert.StartsWith("FastGate__", variable, StringComparison.Ordinal);
        string key = variable["FastGate__".Length..].Replace("__", ":", StringComparison.Ordinal);
        Assert.True(OptionSchema.Keys.ContainsKey(key) || SecretFiles.SecretOf(key) is not null, variable);
    }

    private static string Port(string listen)
    {
        Assert.True(IPEndPoint.TryParse(listen, out IPEndPoint? address), listen);
        return address!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static List<YamlMappingNode> Documents(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(s_folder, file));
        stream.Load(reader);
        return [.. stream.Documents.Select(static document => (YamlMappingNode)document.RootNode)];
    }

    private static Dictionary<string, YamlMappingNode> Objects(string manifest) =>
        Documents($"kubernetes/{manifest}").ToDictionary(static node => $"{Text(node, "kind")}/{Text(node, "metadata", "name")}");

    private static YamlNode Node(YamlNode node, params string[] path) => path.Aggregate(node, static (current, key) => ((YamlMappingNode)current).Children[key]);

    private static string Text(YamlNode node, params string[] path) => Node(node, path).ToString();

    private static IEnumerable<YamlMappingNode> Items(YamlNode node, string key) => ((YamlSequenceNode)Node(node, key)).Children.Cast<YamlMappingNode>();

    private static IEnumerable<string> Texts(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out YamlNode? items) ? ((YamlSequenceNode)items).Children.Select(static item => item.ToString()) : [];

    [GeneratedRegex(@"\b(fastgate|process|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex Metric();
}
