using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;

namespace FastGate.Connections;

/// <summary>Refused handshakes: their answer, their record and their log line.</summary>
internal sealed partial class DeviceConnection
{
    private void Report(HandshakeRecord record, bool generated)
    {
        services.Recorder.Add(record);
        if (record.Error is string error && record.Status != 0)
        {
            // The log limits the lines of each event.
            services.Log.Refused(record.DeviceId ?? "an unknown device", record.RemoteAddress, record.Status, record.Auth ?? error, record.Target);
        }

        if (generated)
        {
            services.Log.AutomaticId(record.DeviceId!, record.RemoteAddress, record.Target, string.Join(", ", record.HeaderNames), record.DescribeSources());
        }
    }

    /// <summary>Records a reset during a request. Its bytes are no longer available.</summary>
    private void ReportReset()
    {
        if (_handshake is not null)
        {
            var nothing = default(HandshakeParser);
            Report(HandshakeReport.OfIncomplete(nothing.GetRequest([]), EndReason, context.RemoteEndPoint), generated: false);
        }
    }

    /// <remarks>A plain GET and a drain's 503 are not recorded: they are no failure of the device, and a fleet would fill the ring with them.</remarks>
    private void Refuse(in HandshakeRequest request, HandshakeError error)
    {
        if (error is not (HandshakeError.NotUpgrade or HandshakeError.Draining))
        {
            HandshakeRecord record = HandshakeReport.OfRefusal(request, error, context.RemoteEndPoint);
            Report(record, generated: false);
        }

        bool isHead = HandshakeRules.IsHead(request);
        Answer(error, isHead, isBrowser: error == HandshakeError.NotUpgrade && !isHead && services.HttpPort != 0 && request.AcceptsHtml);
    }

    private void RefuseBanned(in HandshakeRequest request, Ban ban)
    {
        services.Fleet.Bans.CountRefusal();
        Report(HandshakeReport.OfBan(request, ban, _deviceId, context.RemoteEndPoint), generated: false);
        Answer(HandshakeError.Banned, isHead: false);
    }

    private void Answer(HandshakeError error, bool isHead, bool isBrowser = false, int retryAfterSeconds = 5)
    {
        TryEnd(error switch
        {
            HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade => ConnectionEndReason.NotUpgraded,
            HandshakeError.NotAuthorized or HandshakeError.TooManyTokens => ConnectionEndReason.NotAuthorized,
            HandshakeError.Draining => ConnectionEndReason.Draining,
            HandshakeError.Banned => ConnectionEndReason.Banned,
            _ => ConnectionEndReason.HandshakeRefused,
        });
        if (isBrowser)
        {
            HandshakeResponse.WriteBrowserNotice(Output, services.HttpPort);
        }
        else
        {
            HandshakeResponse.WriteRefusal(Output, error, isHead, retryAfterSeconds);
        }

        _unflushed = true;
        _finished = true;
    }
}
