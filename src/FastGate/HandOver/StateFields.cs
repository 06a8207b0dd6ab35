using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace FastGate.HandOver;

/// <summary>Reads the fields of a record. Accepts any bytes: what is wrong ends the fields and makes <see cref="IsValid"/> false.</summary>
internal ref struct StateFields(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _rest = record;

    /// <summary>False when a field is cut short, has the wrong size, or must be understood and is not.</summary>
    public bool IsValid { get; private set; } = true;

    /// <summary>The bytes of the current field.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool TryNext(out byte tag)
    {
        tag = 0;
        if (!IsValid || _rest.IsEmpty)
        {
            return false;
        }

        if (_rest.Length < 5 || BinaryPrimitives.ReadUInt32LittleEndian(_rest[1..]) > (uint)(_rest.Length - 5))
        {
            return IsValid = false;
        }

        tag = _rest[0];
        int length = BinaryPrimitives.ReadInt32LittleEndian(_rest[1..]);
        Value = _rest.Slice(5, length);
        _rest = _rest[(5 + length)..];
        return true;
    }

    /// <summary>Ignores a field that this version does not know.</summary>
    public void Skip(byte tag) => IsValid &= tag < StateFormat.FirstRequiredTag;

    public void Fail() => IsValid = false;

    public byte Byte() => Has(1) ? Value[0] : (byte)0;

    public bool Bool() => Has(1) && Value[0] != 0;

    public int Int() => Has(sizeof(int)) ? BinaryPrimitives.ReadInt32LittleEndian(Value) : 0;

    public long Long() => Has(sizeof(long)) ? BinaryPrimitives.ReadInt64LittleEndian(Value) : 0;

    public Guid Guid() => Has(16) ? new Guid(Value, bigEndian: true) : default;

    public string Text()
    {
        if (!Utf8.IsValid(Value))
        {
            IsValid = false;
            return "";
        }

        return Encoding.UTF8.GetString(Value);
    }

    /// <summary>A copy, because the input may be memory that is unmapped after reading.</summary>
    public ReadOnlyMemory<byte> Bytes() => Value.IsEmpty ? default : (ReadOnlyMemory<byte>)Value.ToArray();

    private bool Has(int length) => IsValid &= Value.Length == length;
}
