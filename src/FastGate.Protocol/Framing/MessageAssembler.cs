using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Assembles messages from a client's frames, which may arrive in pieces of any size (RFC 6455 sections 5 and 8.1). Every violation in
/// <see cref="FrameError"/> is detected.
/// <para>
/// A mutable struct of 56 bytes, owned by its connection and used only by the connection's reader; never copy it. It consumes all input: an
/// incomplete header is kept in the struct; an incomplete payload is unmasked, validated and kept in an array of the shared pool, which grows with
/// the bytes received, never with the declared length. Between messages it holds no pooled memory. A frame that is complete in the input is
/// unmasked in place and returned without a copy.
/// </para>
/// <para>Budget: 0 bytes allocated per message; enforced by <c>AllocationTests</c> and <c>MessageAssemblerMemoryTests</c>.</para>
/// </summary>
public partial struct MessageAssembler : IDisposable
{
    /// <summary>
    /// The bytes of the data message in progress, followed by those of an incomplete control frame: control frames come between the fragments of
    /// a message, so one array holds both.
    /// </summary>
    private byte[]? _buffer;

    /// <summary>Bytes in <see cref="_buffer"/> that belong to the data message.</summary>
    private int _length;

    /// <summary>Bytes in <see cref="_buffer"/>, after <see cref="_length"/>, that belong to a control frame.</summary>
    private int _controlLength;

    /// <summary>Bytes of the current frame's payload that have not arrived.</summary>
    private int _remaining;

    /// <summary>The mask key for the next byte of the current frame.</summary>
    private uint _maskKey;

    private int _fragments;

    private HeaderBytes _header;
    private byte _headerLength;

    /// <summary>Bytes of an incomplete code point at the end of the text so far, 0 to 3.</summary>
    private byte _incompleteBytes;

    private State _state;
    private Opcode _frameOpcode;
    private bool _frameFin;

    /// <summary>Text or Binary while a message is in progress; otherwise Continuation.</summary>
    private Opcode _messageOpcode;

    /// <summary>Whether the message in progress is compressed.</summary>
    private bool _isCompressed;

    private FrameError _error;

    // Save writes the values: they must never change.
    private enum State : byte
    {
        /// <summary>Before a frame; no message in progress, no memory held.</summary>
        Idle = 0,

        /// <summary>Inside a header, or before a header while a message is in progress.</summary>
        Header = 1,

        /// <summary>Inside a payload.</summary>
        Payload = 2,

        /// <summary>The caller reads a message in the buffer; nothing else is in progress.</summary>
        Lent = 3,

        /// <summary>A Close frame was delivered, or Dispose was called; further input is dropped.</summary>
        Closed = 4,

        /// <summary>A frame was invalid; all further reads fail.</summary>
        Failed = 5,
    }

    /// <summary>The violation after <see cref="Read"/> has returned InvalidData; otherwise None.</summary>
    public readonly FrameError Error => _error;

    /// <summary>True while part of an incomplete frame or message is kept.</summary>
    public readonly bool IsInProgress => _state is State.Header or State.Payload;

    /// <summary>Bytes of pooled memory held; 0 between messages.</summary>
    public readonly int RentedBytes => _buffer?.Length ?? 0;

    /// <summary>
    /// Reads the next message. Call it until it returns NeedMoreData; then all input is consumed.
    /// </summary>
    /// <param name="input">
    /// Received bytes; on return, the part that is not consumed yet. Payloads are unmasked in place.
    /// </param>
    /// <param name="limits">Limits of frames and messages.</param>
    /// <param name="message">The message when Done; valid until the next call on this assembler, and only as long as the input.</param>
    /// <returns>
    /// Done; NeedMoreData when the input is consumed (always after a Close frame); InvalidData when a frame breaks a rule or a limit, with
    /// <see cref="Error"/> set. All calls after InvalidData return InvalidData.
    /// </returns>
    public OperationStatus Read(scoped ref Span<byte> input, scoped in MessageLimits limits, out AssembledMessage message)
    {
        // Fast path: a whole data frame that is also a whole message.
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

        return ReadPieces(ref input, limits, out message);
    }

    /// <summary>
    /// Returns the memory of the last message now instead of at the next call of <see cref="Read"/>. An incomplete message is kept. Idempotent.
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

    /// <summary>Returns all memory and discards an incomplete message; further input is dropped. Idempotent.</summary>
    public void Dispose()
    {
        ReturnBuffer();
        if (_state != State.Failed)
        {
            _state = State.Closed;
        }
    }

    /// <summary>Reads fragments, control frames, and frames that arrive in pieces.</summary>
    // Separate from Read to keep the fast path small in the instruction cache.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private OperationStatus ReadPieces(scoped ref Span<byte> input, scoped in MessageLimits limits, out AssembledMessage message)
    {
        message = default;
        Release();
        if (_state >= State.Closed)
        {
            input = default;
            return _state == State.Failed ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        }

        while (true)
        {
            if (_state != State.Payload)
            {
                OperationStatus status = ReadHeader(ref input, limits, out FrameError error);
                if (status == OperationStatus.InvalidData)
                {
                    return Fail(error, ref input);
                }

                if (status == OperationStatus.NeedMoreData)
                {
                    return status;
                }
            }

            Span<byte> chunk = input[..Math.Min(_remaining, input.Length)];
            input = input[chunk.Length..];
            FrameMask.Apply(chunk, _maskKey, 0);
            _maskKey = FrameMask.Advance(_maskKey, chunk.Length);
            _remaining -= chunk.Length;

            if (_frameOpcode >= Opcode.Close)
            {
                if (TryAddControl(chunk, out message))
                {
                    return OperationStatus.Done;
                }
            }
            else if (!TryAddData(chunk, out bool done, out message))
            {
                return Fail(FrameError.InvalidUtf8, ref input);
            }
            else if (done)
            {
                return OperationStatus.Done;
            }

            if (_remaining > 0)
            {
                return OperationStatus.NeedMoreData;
            }
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
