package io.sampo.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes a draft, together with the place it was given, as a stored record ({@link RecordLayout}).
 * Runs once per message on the log's thread: it allocates nothing for an ASCII topic and copies the
 * body exactly once, from the buffer that it was received in to its place in the target.
 *
 * <p>V1 as long as the topic fits (127 bytes), V2 beyond: clients before 5.0 can't read V2.
 */
public final class MessageRecordWriter {
  private MessageRecordWriter() {}

  /**
   * The length in bytes that {@link #encode} is going to write.
   *
   * @throws IllegalArgumentException when the topic or the properties are longer than 32767 bytes,
   *     or the record would be longer than 2 GiB
   */
  public static int sizeOf(MessageDraft draft) {
    int topicBytes = utf8Length(draft.queue().topic());
    if (topicBytes > RecordLayout.TOPIC_BYTES_MAX_V2) {
      throw new IllegalArgumentException(
          "the topic has " + topicBytes + " bytes, at most " + RecordLayout.TOPIC_BYTES_MAX_V2);
    }
    int propertiesBytes = draft.properties().length;
    if (propertiesBytes > RecordLayout.PROPERTIES_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the properties have "
              + propertiesBytes
              + " bytes, at most "
              + RecordLayout.PROPERTIES_BYTES_MAX);
    }
    long size =
        (long) (isV1(topicBytes) ? RecordLayout.FIXED_BYTES_V1 : RecordLayout.FIXED_BYTES_V2)
            + RecordLayout.hostBytes(draft.bornHost().isIpv6())
            + RecordLayout.hostBytes(draft.storeHost().isIpv6())
            + draft.body().remaining()
            + topicBytes
            + propertiesBytes;
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the record would have " + size + " bytes");
    }
    return (int) size;
  }

  /**
   * Writes the record at an index of the target. Neither position nor limit of the target or of the
   * draft's body moves. The IPv6 bits of the system flag are set from the hosts, whatever the draft
   * says.
   *
   * @param queueOffset the message's number in its queue
   * @param physicalOffset what the record's PHYSICALOFFSET is to say
   * @param storeTimestampMs milliseconds since the epoch
   * @param target big-endian, with {@link #sizeOf} bytes from index to limit
   * @return the bytes written, the same as {@link #sizeOf}
   * @throws IndexOutOfBoundsException when the target ends before the record; what was written so
   *     far is then garbage
   */
  public static int encode(
      MessageDraft draft,
      long queueOffset,
      long physicalOffset,
      long storeTimestampMs,
      ByteBuffer target,
      int index) {
    String topic = draft.queue().topic();
    int topicBytes = utf8Length(topic);
    boolean v1 = isV1(topicBytes);
    HostAddress bornHost = draft.bornHost();
    HostAddress storeHost = draft.storeHost();
    int hostBits =
        (bornHost.isIpv6() ? SysFlag.BORN_IPV6 : 0) | (storeHost.isIpv6() ? SysFlag.STORE_IPV6 : 0);

    target.putInt(
        index + RecordLayout.MAGIC_AT, v1 ? RecordLayout.MAGIC_V1 : RecordLayout.MAGIC_V2);
    target.putInt(index + RecordLayout.BODY_CRC_AT, draft.bodyCrc());
    target.putInt(index + RecordLayout.QUEUE_ID_AT, draft.queue().queueId());
    target.putInt(index + RecordLayout.FLAG_AT, draft.flag());
    target.putLong(index + RecordLayout.QUEUE_OFFSET_AT, queueOffset);
    target.putLong(index + RecordLayout.PHYSICAL_OFFSET_AT, physicalOffset);
    target.putInt(
        index + RecordLayout.SYS_FLAG_AT, (draft.sysFlag() & ~SysFlag.HOST_BITS) | hostBits);
    target.putLong(index + RecordLayout.BORN_TIMESTAMP_AT, draft.bornTimestampMs());

    int at = putHost(target, index + RecordLayout.BORN_HOST_AT, bornHost);
    target.putLong(at, storeTimestampMs);
    at = putHost(target, at + 8, storeHost);
    target.putInt(at, draft.reconsumeTimes());
    target.putLong(at + 4, draft.preparedTransactionOffset());
    at += 12;

    ByteBuffer body = draft.body();
    int bodyBytes = body.remaining();
    target.putInt(at, bodyBytes);
    target.put(at + 4, body, body.position(), bodyBytes);
    at += 4 + bodyBytes;

    if (v1) {
      target.put(at, (byte) topicBytes);
      at += 1;
    } else {
      target.putShort(at, (short) topicBytes);
      at += 2;
    }
    putUtf8(target, at, topic, topicBytes);
    at += topicBytes;

    byte[] properties = draft.properties();
    target.putShort(at, (short) properties.length);
    target.put(at + 2, properties);
    at += 2 + properties.length;

    target.putInt(index, at - index);
    return at - index;
  }

  private static boolean isV1(int topicBytes) {
    return topicBytes <= RecordLayout.TOPIC_BYTES_MAX_V1;
  }

  private static int putHost(ByteBuffer target, int index, HostAddress host) {
    byte[] address = host.address();
    target.put(index, address);
    target.putInt(index + address.length, host.port());
    return index + address.length + 4;
  }

  private static int utf8Length(String text) {
    return isAscii(text) ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static void putUtf8(ByteBuffer target, int index, String text, int utf8Bytes) {
    // Equal lengths may also come from unpaired surrogates, which encode as one '?' each.
    if (utf8Bytes != text.length() || !isAscii(text)) {
      target.put(index, text.getBytes(StandardCharsets.UTF_8));
      return;
    }
    for (int i = 0; i < utf8Bytes; i++) {
      target.put(index + i, (byte) text.charAt(i));
    }
  }
}
