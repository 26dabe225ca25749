package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.sampo.record.HostAddress;
import io.sampo.wire.BadHeaderException;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.FrameException;
import io.sampo.wire.HeaderFields;
import io.sampo.wire.RemotingCommand;
import java.nio.ByteBuffer;

/**
 * The envelope that one node passes a client's request to another in, and what is said of it there.
 *
 * <pre>
 *  request   code {@link #CODE}, opaque of the relaying node, fields a, b, p: the client's address;
 *            d=1 when a leader before may have carried it out
 *            body: the client's frame as it came, length field and all
 *  response  code SUCCESS, the same opaque
 *            body: the answering frame, with the opaque and in the header codec of the client
 *  or        {@link #LEFT_TO_NEXT}: the leadership ended while it was carried out; what the next
 *            leader would notice if it was
 *  or        any other code: the log group is not led here, and nothing was done
 * </pre>
 *
 * <p>So many requests share a connection, an answer reaches the client as it was written, and what
 * came in an envelope is known to have been relayed once: it never is again.
 *
 * @param opaque of the envelope
 * @param client who sent the request
 * @param mayBeDone whether a leader before may have carried it out
 */
record RelayedFor(int opaque, HostAddress client, boolean mayBeDone) {
  /** Of envelopes: RocketMQ has none like it, and the binary header codec has room for it. */
  static final int CODE = 32_001;

  /** An answer's code that RocketMQ doesn't have either. */
  static final int LEFT_TO_NEXT = 32_002;

  /** What an envelope adds to a frame, at most. */
  static final int BYTES_MAX = 512;

  private static final int LENGTH_BYTES = 4;
  private static final int IPV4_BYTES = 4;
  private static final int PORT_MAX = 65535;

  /**
   * The sender of an envelope's content.
   *
   * @throws BadHeaderException when the envelope doesn't say
   */
  static RelayedFor of(RemotingCommand envelope) {
    HeaderFields fields = envelope.fields();
    int port = fields.int32("p");
    if (port < 0 || port > PORT_MAX) {
      throw new BadHeaderException("an envelope of a client at the port " + port);
    }
    long high = fields.int64("a");
    long low = fields.int64("b", Long.MIN_VALUE);
    byte[] address =
        low == Long.MIN_VALUE
            ? ByteBuffer.allocate(IPV4_BYTES).putInt((int) high).array()
            : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
    boolean mayBeDone = fields.int32("d", 0) != 0;
    return new RelayedFor(envelope.opaque(), new HostAddress(address, port), mayBeDone);
  }

  /**
   * The request in an envelope; refers to the envelope's body and is released by itself.
   *
   * @throws FrameException when there is none in it
   */
  static RemotingCommand unwrap(RemotingCommand envelope) {
    ByteBuf body = envelope.body();
    int bytes = body.readableBytes();
    if (bytes < LENGTH_BYTES || body.getInt(body.readerIndex()) != bytes - LENGTH_BYTES) {
      throw new FrameException("an envelope without a frame");
    }
    RemotingCommand request =
        CommandCodec.decode(body, body.readerIndex() + LENGTH_BYTES, bytes - LENGTH_BYTES);
    if (request.code() == CODE || request.isResponse()) {
      request.release();
      throw new FrameException("an envelope without a client's request");
    }
    return request;
  }

  /** The fields of the envelope around a client's request. */
  static CommandHeader header(HostAddress client, boolean mayBeDone) {
    return out -> {
      writeAddress(client, out);
      if (mayBeDone) {
        out.field("d", 1);
      }
    };
  }

  private static void writeAddress(HostAddress client, FieldWriter out) {
    ByteBuffer address = ByteBuffer.wrap(client.address());
    if (client.isIpv6()) {
      long high = address.getLong();
      long low = address.getLong();
      // The one low half that stands for "none" is an address that nobody has.
      out.field("a", high).field("b", low == Long.MIN_VALUE ? 0 : low);
    } else {
      out.field("a", address.getInt());
    }
    out.field("p", client.port());
  }
}
