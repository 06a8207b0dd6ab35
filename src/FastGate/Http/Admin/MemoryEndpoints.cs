using System.Globalization;
using FastGate.Diagnostics;
using FastGate.Memory;
using FastGate.Protocol.Handshake;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>Export and erasure of one device's memory: its user may ask for either.</summary>
internal sealed class MemoryEndpoints(IGatewayStatus gateway, ILogger logger, TimeProvider time)
{
    private const string Path = $"{AdminRoutes.Prefix}/devices/{{id}}/memory";
    private const string ErasureAccepted = "the erasure is accepted and will be done when the memory store is back, unless the server stops before";

    private static readonly TimeSpan s_eraseWait = TimeSpan.FromSeconds(10);

    private const string NoAnswer = "the memory store does not answer";

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            Path,
            new AdminOperation("memory.export", "The stored turns of a device, oldest first, and the summary of those before")
            {
                Role = AdminRole.Operate,
                Answer = typeof(MemoryExport),
                Query = AdminQuery.Paging,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/devices/aa:bb:cc:dd:ee:ff/memory?limit=100",
            },
            ExportAsync);
        routes.Act(
            HttpMethods.Delete,
            Path,
            new AdminOperation("memory.erase", "Erases what is stored about a device")
            {
                Answer = typeof(MemoryErasure),
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/devices/aa:bb:cc:dd:ee:ff/memory",
            },
            EraseAsync);
    }

    private async Task ExportAsync(HttpContext context)
    {
        int limit = AdminQuery.Limit(context);
        long after = AdminQuery.AfterNumber(context, "the id of a turn") ?? 0;
        string deviceId = AdminQuery.DeviceId(context);
        MemoryPage page;
        try
        {
            page = await gateway.MemoryAsync(deviceId, after, limit, context.RequestAborted);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            logger.MemoryUnavailable(exception);
            throw new AdminProblemException(StatusCodes.Status503ServiceUnavailable, NoAnswer);
        }

        string? next = page.More && page.Exchanges.Count > 0 ? page.Exchanges[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        var export = new MemoryExport(deviceId, page.Summary, page.Exchanges, next);
        await AdminJson.ReplyAsync(context, export, AdminJson.Default.MemoryExport);
    }

    private async Task<AdminAnswer> EraseAsync(AdminAct act)
    {
        string deviceId = act.DeviceId();
        int turns;
        Task<int>? erasure = null;
        try
        {
            // Not cancelled when the client disconnects: the request to erase is complete.
            erasure = gateway.EraseMemoryAsync(deviceId, CancellationToken.None);
            turns = await erasure.WaitAsync(s_eraseWait, time);
        }
        catch (TimeoutException) when (erasure is { IsCompleted: false })
        {
            logger.MemoryErasureWaits(Readable(deviceId));
            _ = LogWhenErasedAsync(deviceId, erasure);
            return AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, ErasureAccepted);
        }
        catch (Exception exception)
        {
            logger.MemoryUnavailable(exception);
            return AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, NoAnswer);
        }

        logger.MemoryErased(Readable(deviceId), turns);
        return AdminAnswer.Of(new MemoryErasure(deviceId, turns), AdminJson.Default.MemoryErasure);
    }

    private async Task LogWhenErasedAsync(string deviceId, Task<int> erasure)
    {
        try
        {
            logger.MemoryErased(Readable(deviceId), await erasure);
        }
        catch (Exception exception)
        {
            logger.MemoryUnavailable(exception);
        }
    }

    private static string Readable(string deviceId) => HandshakeText.Render(System.Text.Encoding.UTF8.GetBytes(deviceId));
}
