using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>The <c>server</c> message: served whether or not its sender said hello, behind the secret.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>What has been written is with the kernel: begin what the reply announced. Loop only; returns at once.</summary>
    public void AfterFlush()
    {
        var action = _managementAction;
        _managementAction = ManagementAction.None;
        if (action == ManagementAction.Restart)
        {
            _services.Management.BeginRestart();
        }
        else if (action == ManagementAction.Reload)
        {
            var outbound = _outbound;
            _services.Management.BeginReload(taken => outbound.Post(new OutboundMessage(
                OutboundKind.Notice,
                taken
                    ? ServerReply("success", "配置更新成功", "update_config")
                    : ServerReply("error", "更新服务器配置失败", "update_config"))));
        }
    }

    private void OnServer(in DeviceMessage message)
    {
        if (!SecretMatches(message))
        {
            _services.Metrics.ManagementRefused.Increment();
            _outbound.WriteText(ServerReply("error", "服务器密钥验证失败", null));
            return;
        }

        switch (message.Action)
        {
            case ServerAction.Restart:
                _outbound.WriteText(ServerReply("success", "服务器重启中...", "restart"));
                _managementAction = ManagementAction.Restart;
                break;
            case ServerAction.UpdateConfig:
                _managementAction = ManagementAction.Reload;
                break;
            default:
                _services.Metrics.UnknownType.Increment();
                break;
        }
    }

    /// <summary>Both sides are hashed first, so that the comparison takes the same time whatever the lengths.</summary>
    private bool SecretMatches(in DeviceMessage message)
    {
        if (_services.ManagementSecret is not { Length: > 0 } secret || !message.HasSecret)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), expected);
        SHA256.HashData(Encoding.UTF8.GetBytes(message.GetSecret()), given);
        return CryptographicOperations.FixedTimeEquals(expected, given);
    }

    private static byte[] ServerReply(string status, string text, string? action)
    {
        var writer = new ArrayBufferWriter<byte>(128);
        GatewayMessageWriter.WriteServer(writer, status, text, action);
        return writer.WrittenSpan.ToArray();
    }
}
