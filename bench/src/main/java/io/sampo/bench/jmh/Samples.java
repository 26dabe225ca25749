package io.sampo.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RequestCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;

/** What the official client sends for a message without tag or key, as the benchmarks' input. */
final class Samples {
  static final String TOPIC = "bench-async-1k-0";

  private static final long BORN_MS = 1_760_000_000_000L;

  private Samples() {}

  /** The properties that the client adds to every message. */
  static byte[] properties() {
    return MessageProperties.encode(
        Map.of(
            MessageProperties.UNIQUE_KEY, "7F0000010B4C2D8E03A1000000000001",
            MessageProperties.WAIT, "true"));
  }

  /** Off the heap, as a body is that lies in the buffer it was received in. */
  static ByteBuffer body(int bytes) {
    byte[] content = new byte[bytes];
    new Random(20111).nextBytes(content);
    return ByteBuffer.allocateDirect(bytes).put(content).flip();
  }

  static MessageDraft draft(QueueKey queue, ByteBuffer body) {
    HostAddress host = new HostAddress(new byte[] {127, 0, 0, 1}, 50_000);
    return MessageDraft.to(queue)
        .born(BORN_MS, host)
        .storeHost(new HostAddress(new byte[] {127, 0, 0, 1}, 10_911))
        .body(body, BodyCrc.of(body))
        .properties(properties(), 0)
        .build();
  }

  /** A send in the client's usual form (code 310, short names), length field and body included. */
  static ByteBuf sendFrame(HeaderCodec codec, int bodyBytes) {
    SendRequestHeader header =
        new SendRequestHeader(
            "bench-producer",
            TOPIC,
            "TBW102",
            8,
            3,
            0,
            BORN_MS,
            0,
            properties(),
            0,
            false,
            -1,
            false,
            "broker-0");
    ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
    CommandCodec.encodeRequest(
        frame, codec, 4711, RequestCode.SEND_MESSAGE_V2, false, header, bodyBytes);
    return frame.writeBytes(body(bodyBytes));
  }
}
