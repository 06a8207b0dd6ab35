using FastGate.Cluster;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Shows the nodes of the cluster, and drains them.</summary>
internal sealed class NodeEndpoints(INodeList nodes)
{
    private const string Path = $"{AdminRoutes.Prefix}/nodes";
    private const string DrainPath = $"{Path}/{{node}}/drain";

    private static readonly IReadOnlyList<int> s_errors = [StatusCodes.Status404NotFound, StatusCodes.Status409Conflict];

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            Path,
            new AdminOperation("nodes", "The nodes of the cluster: lease, version, devices, load; a gateway without a cluster alone") { Answer = typeof(NodePage), Example = Path },
            async context => await AdminJson.ReplyAsync(context, await nodes.ReadAsync(), AdminJson.Default.NodePage));
        routes.ActOnNode(
            HttpMethods.Post,
            DrainPath,
            new AdminOperation("node.drain", "Drains a node: OTA names it to no device, it refuses new devices with 503 and closes its own, so many a second")
            {
                Body = typeof(NodeDrainBody),
                Answer = typeof(NodeReport),
                Status = StatusCodes.Status202Accepted,
                Errors = s_errors,
                Example = """{"rate":500}""",
            },
            act =>
            {
                NodeDrainBody body = act.Read(AdminJson.Default.NodeDrainBody);
                act.Node();
                return AnswerAsync(nodes.DrainAsync(ActInput.Rate(body.Rate), body.Reboot), StatusCodes.Status202Accepted);
            });
        routes.ActOnNode(
            HttpMethods.Delete,
            DrainPath,
            new AdminOperation("node.drain.cancel", "Ends the drain of a node: it takes devices again")
            {
                Answer = typeof(NodeReport),
                Errors = s_errors,
                Example = $"{Path}/gw1:8000/drain",
            },
            act =>
            {
                act.Node();
                return AnswerAsync(nodes.EndDrainAsync(), StatusCodes.Status200OK);
            });
    }

    private static async Task<AdminAnswer> AnswerAsync(Task<NodeReport> report, int status) => AdminAnswer.Of(await report, AdminJson.Default.NodeReport, status);
}
