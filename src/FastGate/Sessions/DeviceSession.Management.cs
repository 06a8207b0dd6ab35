using System.Buffers;
using System.Net;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>The <c>server</c> message: needs the secret, but no hello.</summary>
internal sealed partial class DeviceSession
{
    private const int MaxWrongSecrets = 3;

    /// <summary>A management tool is no speaker: words that came over its connection do not choose its language.</summary>
    private SessionTexts ManagementTexts => _services.Texts.For(_followsWords ? SessionLanguage.Auto : _language);

    /// <summary>Starts the requested actions after the replies before them were flushed. Loop only; returns at once.</summary>
    public void AfterFlush()
    {
        ManagementAction action = _managementAction;
        _managementAction = ManagementAction.None;
        IDeviceOutbound outbound = _outbound;
        SessionTexts texts = ManagementTexts;
        if ((action & ManagementAction.Restart) != 0)
        {
            _services.Management.BeginRestart(refusal => outbound.Post(new OutboundMessage(
                OutboundKind.Notice,
                refusal is null
                    ? ServerReply(true, texts.Restarting, "restart")
                    : ServerReply(false, $"Restart failed: {refusal}", "restart"))));
        }

        if ((action & ManagementAction.Reload) != 0)
        {
            _services.Management.BeginReload(taken => outbound.Post(new OutboundMessage(
                OutboundKind.Notice,
                taken
                    ? ServerReply(true, texts.Reloaded, "update_config")
                    : ServerReply(false, texts.ReloadFailed, "update_config"))));
        }
    }

    private void OnServer(in DeviceMessage message)
    {
        // The connection closes; more guesses may follow in the same read.
        if (_wrongSecrets == MaxWrongSecrets)
        {
            _services.Metrics.ManagementRefused.Increment();
            return;
        }

        EndPoint? source = _outbound.RemoteEndPoint;
        bool delayed = _services.Guesses.DelayOf(source) > TimeSpan.Zero;
        if (delayed || !message.SecretEquals(_services.ManagementSecret))
        {
            // A refusal without a check is no further guess: it must not make the delay longer.
            if (!delayed)
            {
                _services.Guesses.OnWrong(source);
            }

            _services.Metrics.ManagementRefused.Increment();
            _outbound.WriteText(ServerReply(false, ManagementTexts.WrongSecret));
            if (++_wrongSecrets == 1)
            {
                _services.Log.WrongSecret(DeviceId, MaxWrongSecrets);
            }
            else if (_wrongSecrets == MaxWrongSecrets)
            {
                _outbound.RequestClose(ConnectionEndReason.WrongSecret);
            }

            return;
        }

        _services.Guesses.OnRight(source);
        switch (message.Action)
        {
            case ServerAction.Restart:
                _managementAction |= ManagementAction.Restart;
                break;
            case ServerAction.UpdateConfig:
                _managementAction |= ManagementAction.Reload;
                break;
            default:
                _services.Metrics.UnknownType.Increment();
                break;
        }
    }

    private static byte[] ServerReply(bool success, string text, string action = "")
    {
        var writer = new ArrayBufferWriter<byte>(128);
        GatewayMessageWriter.WriteServerReply(writer, success, text, action);
        return writer.WrittenSpan.ToArray();
    }
}
