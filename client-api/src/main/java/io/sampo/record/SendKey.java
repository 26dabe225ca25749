package io.sampo.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A number that all attempts at one send have in common: a hash of the id that the producer gave
 * the message and of the body's checksum. Different sends may share one, so it says where to look
 * and proves nothing. It is made per send on an event loop, and again from the stored record, so it
 * allocates nothing.
 *
 * <p>Seeded anew by every process, so that nobody can send many messages with one key from outside;
 * never store one.
 */
public final class SendKey {
  /** Of a message that isn't looked for: it was made inside, or its producer gave it no id. */
  public static final long NONE = 0;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long SEED = ThreadLocalRandom.current().nextLong();
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private SendKey() {}

  /**
   * The key of a send.
   *
   * @param properties encoded
   * @param idAt where the value of UNIQ_KEY starts in them
   * @param bodyCrc see {@link BodyCrc}
   */
  public static long of(byte[] properties, int idAt, int bodyCrc) {
    int end = idAt;
    while (end < properties.length && properties[end] != MessageProperties.PAIR_END) {
      end++;
    }
    long hash = SEED ^ bodyCrc;
    int at = idAt;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash, (long) LONGS.get(properties, at));
    }
    for (; at < end; at++) {
      hash = mix(hash, properties[at]);
    }
    return finish(hash);
  }

  /** The same of a message with these properties; {@link #NONE} when it has no UNIQ_KEY. */
  public static long of(byte[] properties, int bodyCrc) {
    long range =
        MessageProperties.findRange(ByteBuffer.wrap(properties), MessageProperties.UNIQUE_KEY);
    return range < 0 ? NONE : of(properties, MessageProperties.start(range), bodyCrc);
  }

  /**
   * The key that a stored record's send had, {@link #NONE} when it has no UNIQ_KEY.
   *
   * @param records holds the record; only absolute gets
   * @param index where it starts
   */
  public static long of(ByteBuffer records, int index) {
    ByteBuffer properties = MessageRecord.properties(records, index);
    long range = MessageProperties.findRange(properties, MessageProperties.UNIQUE_KEY);
    if (range < 0) {
      return NONE;
    }
    int at = MessageProperties.start(range);
    int end = at + MessageProperties.length(range);
    long hash = SEED ^ MessageRecord.bodyCrc(records, index);
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash, properties.getLong(at));
    }
    for (; at < end; at++) {
      hash = mix(hash, properties.get(at));
    }
    return finish(hash);
  }

  private static long mix(long hash, long word) {
    long mixed = (hash ^ word) * SPREAD;
    return mixed ^ mixed >>> 32;
  }

  private static long finish(long hash) {
    long finished = mix(mix(hash, SPREAD), SEED);
    return finished == NONE ? 1 : finished;
  }
}
