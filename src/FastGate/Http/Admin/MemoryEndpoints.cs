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
    private const string ErasureAccepted = "the erasure is accepted and will be done when the memory store is back, unless the server stops before";

    private static readonly TimeSpan s_eraseWait = TimeSpan.FromSeconds(10);

    private const string NoAnswer = "the memory store does not answer";

    public async Task ExportAsync(HttpContext context)
    {
        if (await AdminEndpoints.ReadLimitAsync(context) is not int limit)
        {
            return;
        }

        long after = 0;
        string? text = context.Request.Query["after"];
        if (!string.IsNullOrEmpty(text) && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            await AdminJson.ErrorAsync(context, StatusCodes.Status400BadRequest, "after is the id of a turn");
            return;
        }

        string deviceId = AdminEndpoints.DeviceId(context);
        MemoryPage page;
        try
        {
            page = await gateway.MemoryAsync(deviceId, after, limit, context.RequestAborted);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            logger.MemoryUnavailable(exception);
            await AdminJson.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, NoAnswer);
            return;
        }

        string? next = page.More && page.Exchanges.Count > 0 ? page.Exchanges[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        var export = new MemoryExport(deviceId, page.Summary, page.Exchanges, next);
        await AdminJson.ReplyAsync(context, export, AdminJson.Default.MemoryExport);
    }

    public async Task EraseAsync(HttpContext context)
    {
        string deviceId = AdminEndpoints.DeviceId(context);
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
            await AdminJson.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, ErasureAccepted);
            return;
        }
        catch (Exception exception)
        {
            logger.MemoryUnavailable(exception);
            await AdminJson.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, NoAnswer);
            return;
        }

        logger.MemoryErased(Readable(deviceId), turns);
        await AdminJson.ReplyAsync(context, new MemoryErasure(deviceId, turns), AdminJson.Default.MemoryErasure);
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
