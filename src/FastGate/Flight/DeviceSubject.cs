using System.Text;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Flight;

/// <summary>The device that an operator asks about. Its id may be one that was refused: such an id is in the records in its printable form only.</summary>
internal sealed class DeviceSubject
{
    private readonly string[] _forms;

    public DeviceSubject(string text)
    {
        Id = DeviceIdentity.Normalize(text) ?? text;
        string trimmed = text.Trim();

        // The device may have sent the id in UTF-8 or in Latin-1, and the operator may have copied it from a record.
        _forms = [Id, HandshakeText.Render(Encoding.UTF8.GetBytes(Id)), trimmed, HandshakeText.Render(Encoding.UTF8.GetBytes(trimmed)), HandshakeText.Render(Encoding.Latin1.GetBytes(trimmed))];
    }

    /// <summary>In the normal form, when it has one.</summary>
    public string Id { get; }

    /// <summary>Whether the record is of this device, or one of its sources has this id.</summary>
    public bool Has(ConnectionRecord record) =>
        record.DeviceId == Id || record.Sources.Any(source => source.Id is { } id && _forms.Contains(id, StringComparer.Ordinal));
}
