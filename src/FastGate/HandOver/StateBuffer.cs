using System.Buffers.Binary;
using System.Text;

namespace FastGate.HandOver;

/// <summary>Records on their way into a saved state. A field with its default is left out, so a default can never change.</summary>
internal sealed class StateBuffer
{
    private const int FieldHeader = 1 + sizeof(uint);

    private byte[] _bytes = new byte[1 << 17];

    /// <summary>Bytes written; may be reduced to take bytes back.</summary>
    public int Length { get; set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>The next bytes, to be filled by the caller.</summary>
    public Span<byte> Take(int count)
    {
        int start = Length;
        int end = checked(start + count);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(end, _bytes.Length * 2L), Array.MaxLength));
        }

        Length = end;
        return _bytes.AsSpan(start, count);
    }

    public void Put(byte tag, byte value, byte absent = 0)
    {
        if (value != absent)
        {
            Field(tag, 1)[0] = value;
        }
    }

    public void Put(byte tag, bool value, bool absent = false)
    {
        if (value != absent)
        {
            Field(tag, 1)[0] = value ? (byte)1 : (byte)0;
        }
    }

    public void Put(byte tag, int value)
    {
        if (value != 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(Field(tag, sizeof(int)), value);
        }
    }

    public void Put(byte tag, long value, long absent = 0)
    {
        if (value != absent)
        {
            BinaryPrimitives.WriteInt64LittleEndian(Field(tag, sizeof(long)), value);
        }
    }

    public void Put(byte tag, Guid value)
    {
        if (value != Guid.Empty)
        {
            _ = value.TryWriteBytes(Field(tag, 16), bigEndian: true, out _);
        }
    }

    public void Put(byte tag, string value)
    {
        if (value.Length > 0)
        {
            PutElement(tag, value);
        }
    }

    public void Put(byte tag, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            PutElement(tag, value);
        }
    }

    /// <summary>Writes a field even when it is empty: an element of a list, or a value that may be null.</summary>
    public void PutElement(byte tag, ReadOnlySpan<byte> value) => value.CopyTo(Field(tag, value.Length));

    /// <inheritdoc cref="PutElement(byte,ReadOnlySpan{byte})"/>
    public void PutElement(byte tag, string value) =>
        Encoding.UTF8.GetBytes(value, Field(tag, Encoding.UTF8.GetByteCount(value)));

    /// <summary>Begins a field whose value is fields; <see cref="End"/> needs the result.</summary>
    public int Begin(byte tag)
    {
        _ = Field(tag, 0);
        return Length;
    }

    public void End(int begin) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(begin - sizeof(uint)), Length - begin);

    private Span<byte> Field(byte tag, int length)
    {
        Span<byte> header = Take(FieldHeader);
        header[0] = tag;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], length);
        return Take(length);
    }
}
