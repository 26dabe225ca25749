package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.SysFlag;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Compares a send with a stored one, byte for byte. Pure functions. */
final class SendComparison {
  private static final int HOST_BITS = SysFlag.BORN_IPV6 | SysFlag.STORE_IPV6;

  private SendComparison() {}

  /**
   * True when both could be attempts at one send: they come from the same address, go to the same
   * topic and are the same, apart from when they were made, the connection that they came over and
   * the queue.
   *
   * @param record holds the stored record; only absolute gets
   * @param at where it starts
   */
  static boolean isSame(MessageDraft draft, ByteBuffer record, int at) {
    return MessageRecord.bodyCrc(record, at) == draft.bodyCrc()
        && MessageRecord.flag(record, at) == draft.flag()
        && (MessageRecord.sysFlag(record, at) & ~HOST_BITS) == (draft.sysFlag() & ~HOST_BITS)
        && MessageRecord.reconsumeTimes(record, at) == draft.reconsumeTimes()
        && MessageRecord.topic(record, at).equals(draft.queue().topic())
        && hasSameProperties(draft, record, at)
        && MessageRecord.body(record, at).equals(draft.body())
        && Arrays.equals(MessageRecord.bornHost(record, at).address(), draft.bornHost().address());
  }

  private static boolean hasSameProperties(MessageDraft draft, ByteBuffer record, int at) {
    byte[] properties = draft.properties();
    int skip = draft.attemptBytes();
    return MessageRecord.propertiesSize(record, at) == properties.length
        && MessageRecord.properties(record, at)
            .position(skip)
            .equals(ByteBuffer.wrap(properties, skip, properties.length - skip));
  }

  /** The hash of a stored record's topic, as Java hashes strings. */
  static int topicHash(ByteBuffer record, int at) {
    int from = MessageRecord.topicIndex(record, at);
    int end = from + MessageRecord.topicSize(record, at);
    int hash = 0;
    for (int i = from; i < end; i++) {
      byte b = record.get(i);
      if (b < 0) {
        return MessageRecord.topic(record, at).hashCode();
      }
      hash = 31 * hash + b;
    }
    return hash;
  }
}
