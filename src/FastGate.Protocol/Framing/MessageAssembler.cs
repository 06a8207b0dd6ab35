using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Makes messages of a client's bytes, however they are cut (RFC 6455 sections 5 and 8.1). Strict: see <see cref="FrameError"/>.
/// <para>
/// A mutable struct of 56 bytes, embedded in its connection and touched only by the connection's reader; never copy it.
/// It takes all it is given: a header that is cut is carried inside, a payload that is cut is unmasked, validated and kept
/// in an array of the shared pool that grows with what has arrived, never with what was declared. Between messages it owns
/// nothing outside itself. A frame that is whole in its input is unmasked there and lent out without a copy.
/// </para>
/// <para>Budget: 0 bytes allocated per message; enforced by <c>AllocationTests</c> and <c>MessageAssemblerMemoryTests</c>.</para>
/// </summary>
public partial struct MessageAssembler : IDisposable
{
    /// <summary>
    /// The bytes of the data message in progress, and behind them those of a control frame that is cut: control frames
    /// come between the fragments, so that one array serves both.
    /// </summary>
    private byte[]? _buffer;

    /// <summary>Bytes in <see cref="_buffer"/> that belong to the data message.</summary>
    private int _length;

    /// <summary>Bytes in <see cref="_buffer"/>, after <see cref="_length"/>, that belong to a control frame.</summary>
    private int _controlLength;

    /// <summary>Payload of the present frame that has not arrived.</summary>
    private int _remaining;

    /// <summary>The key for the next byte of the present frame.</summary>
    private uint _maskKey;

    private int _fragments;

    private HeaderBytes _header;
    private byte _headerLength;

    /// <summary>Bytes at the end of the text so far that begin a code point, 0 to 3.</summary>
    private byte _cutCodePoint;

    private State _state;
    private Opcode _frameOpcode;
    private bool _frameFin;

    /// <summary>Text or Binary while a message is in progress, else Continuation.</summary>
    private Opcode _messageOpcode;

    private FrameError _error;

    private enum State : byte
    {
        /// <summary>Before a frame, no message in progress, nothing owned.</summary>
        Idle = 0,

        /// <summary>Inside a header, or before one while a message is in progress.</summary>
        Header,

        /// <summary>Inside a payload.</summary>
        Payload,

        /// <summary>A message that lies in the buffer is lent out and nothing else is in progress.</summary>
        Lent,

        /// <summary>A Close frame was delivered, or the owner is done: what follows is dropped.</summary>
        Closed,

        /// <summary>The frames are wrong: nothing follows.</summary>
        Failed,
    }

    /// <summary>What is wrong, once <see cref="Read"/> has said InvalidData.</summary>
    public readonly FrameError Error => _error;

    /// <summary>Whether bytes of an unfinished frame or message are being kept.</summary>
    public readonly bool IsInProgress => _state is State.Header or State.Payload;

    /// <summary>Bytes of pooled memory held now: 0 between messages.</summary>
    public readonly int RentedBytes => _buffer?.Length ?? 0;

    /// <summary>
    /// Takes the next message out of what has arrived. Call it until it says NeedMoreData; then the input has been taken whole.
    /// </summary>
    /// <param name="input">
    /// What has arrived and was not taken yet; advanced past what was taken. Changed in place where it is unmasked.
    /// </param>
    /// <param name="limits">What a message may cost.</param>
    /// <param name="message">The message when Done: valid until the next call on this assembler and while the input is.</param>
    /// <returns>
    /// Done; NeedMoreData when the input is used up (always so after a Close frame); InvalidData when the frames break a rule or a
    /// limit, then and ever after, with <see cref="Error"/> set.
    /// </returns>
    public OperationStatus Read(scoped ref Span<byte> input, scoped in MessageLimits limits, out AssembledMessage message)
    {
        if (_state == State.Idle
            && FrameReader.TryRead(input, out FrameHeader header, out int consumed, out _) == OperationStatus.Done
            && header.Fin
            && header.Opcode is Opcode.Text or Opcode.Binary
            && header.PayloadLength <= Math.Min(input.Length - consumed, Math.Min(limits.Frame, limits.Message)))
        {
            Span<byte> payload = input.Slice(consumed, (int)header.PayloadLength);
            input = input[(consumed + payload.Length)..];
            FrameMask.Apply(payload, header.MaskKey, 0);
            if (header.Opcode == Opcode.Text && !Utf8.IsValid(payload))
            {
                message = default;
                return Fail(FrameError.InvalidUtf8, ref input);
            }

            message = new AssembledMessage(header.Opcode, payload);
            return OperationStatus.Done;
        }

        return ReadSlow(ref input, limits, out message);
    }

    /// <summary>
    /// Says that the message last delivered is no longer needed, so that its memory goes back now and not with the next call.
    /// An unfinished message is kept. Idempotent.
    /// </summary>
    public void Release()
    {
        if (_state == State.Lent)
        {
            ReturnBuffer();
            _state = State.Idle;
        }
        else if (_state == State.Closed)
        {
            ReturnBuffer();
        }
    }

    /// <summary>Gives back all memory, an unfinished message included; whatever is read after it is dropped. Idempotent.</summary>
    public void Dispose()
    {
        ReturnBuffer();
        if (_state != State.Failed)
        {
            _state = State.Closed;
        }
    }

    private OperationStatus Fail(FrameError error, scoped ref Span<byte> input)
    {
        ReturnBuffer();
        input = default;
        _error = error;
        _state = State.Failed;
        return OperationStatus.InvalidData;
    }

    private void ReturnBuffer()
    {
        byte[]? buffer = _buffer;
        _buffer = null;
        _length = 0;
        _controlLength = 0;
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [InlineArray(FrameHeader.MaxSize)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
