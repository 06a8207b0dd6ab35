namespace FastGate.Http.Admin;

/// <summary>Shows the nodes of the cluster.</summary>
internal sealed class NodeEndpoints(INodeList nodes)
{
    private const string Path = $"{AdminRoutes.Prefix}/nodes";

    public void Map(AdminRoutes routes) => routes.Read(
        Path,
        new AdminOperation("nodes", "The nodes of the cluster: lease, version, devices, load; a gateway without a cluster alone") { Answer = typeof(NodePage), Example = Path },
        async context => await AdminJson.ReplyAsync(context, await nodes.ReadAsync(), AdminJson.Default.NodePage));
}
