package io.sampo.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a stored record in place ({@link RecordLayout}): every method takes the
 * buffer and the index of the record's first byte, reads absolutely and leaves position and limit
 * alone. Nothing is allocated except where a String or an address is asked for.
 *
 * <p>The readers trust the record. What comes from a disk or a peer goes through {@link #isWhole}
 * first; afterwards no reader leaves the record. Buffers are big-endian.
 */
public final class MessageRecord {
  /** No record is shorter: IPv4 hosts, no body, a topic of one byte, no properties. */
  public static final int SIZE_BYTES_MIN =
      RecordLayout.FIXED_BYTES_V1 + 2 * RecordLayout.IPV4_HOST_BYTES + 1;

  private MessageRecord() {}

  /**
   * True when a record with consistent lengths lies between index and end. The body's checksum is
   * another matter, see {@link #isBodyIntact}.
   *
   * @param end exclusive, at most the buffer's limit
   */
  public static boolean isWhole(ByteBuffer buffer, int index, int end) {
    long available = (long) end - index;
    if (available < SIZE_BYTES_MIN) {
      return false;
    }
    int total = totalSize(buffer, index);
    int magic = magic(buffer, index);
    if (total < SIZE_BYTES_MIN
        || total > available
        || (magic != RecordLayout.MAGIC_V1 && magic != RecordLayout.MAGIC_V2)) {
      return false;
    }
    long recordEnd = (long) index + total;
    int bodyAt = bodyIndex(buffer, index);
    if (bodyAt > recordEnd) {
      return false;
    }
    int bodyBytes = buffer.getInt(bodyAt - 4);
    long topicSizeAt = (long) bodyAt + bodyBytes;
    int topicSizeBytes = topicSizeBytes(buffer, index);
    if (bodyBytes < 0 || topicSizeAt + topicSizeBytes > recordEnd) {
      return false;
    }
    int topicBytes = topicSize(buffer, index);
    long propertiesSizeAt = topicSizeAt + topicSizeBytes + topicBytes;
    if (topicBytes < 0 || propertiesSizeAt + 2 > recordEnd) {
      return false;
    }
    int propertiesBytes = buffer.getShort((int) propertiesSizeAt);
    return propertiesBytes >= 0 && propertiesSizeAt + 2 + propertiesBytes == recordEnd;
  }

  /** True when the body's checksum is the stored one. */
  public static boolean isBodyIntact(ByteBuffer buffer, int index) {
    return BodyCrc.of(body(buffer, index)) == bodyCrc(buffer, index);
  }

  /** The length of the whole record in bytes. */
  public static int totalSize(ByteBuffer buffer, int index) {
    return buffer.getInt(index);
  }

  static int magic(ByteBuffer buffer, int index) {
    return buffer.getInt(index + RecordLayout.MAGIC_AT);
  }

  public static int bodyCrc(ByteBuffer buffer, int index) {
    return buffer.getInt(index + RecordLayout.BODY_CRC_AT);
  }

  public static int queueId(ByteBuffer buffer, int index) {
    return buffer.getInt(index + RecordLayout.QUEUE_ID_AT);
  }

  /** The user's flag. */
  public static int flag(ByteBuffer buffer, int index) {
    return buffer.getInt(index + RecordLayout.FLAG_AT);
  }

  public static long queueOffset(ByteBuffer buffer, int index) {
    return buffer.getLong(index + RecordLayout.QUEUE_OFFSET_AT);
  }

  public static long physicalOffset(ByteBuffer buffer, int index) {
    return buffer.getLong(index + RecordLayout.PHYSICAL_OFFSET_AT);
  }

  /** See {@link SysFlag}. */
  public static int sysFlag(ByteBuffer buffer, int index) {
    return buffer.getInt(index + RecordLayout.SYS_FLAG_AT);
  }

  /** Milliseconds since the epoch, by the producer's clock. */
  public static long bornTimestamp(ByteBuffer buffer, int index) {
    return buffer.getLong(index + RecordLayout.BORN_TIMESTAMP_AT);
  }

  public static HostAddress bornHost(ByteBuffer buffer, int index) {
    return host(buffer, index + RecordLayout.BORN_HOST_AT, bornHostBytes(buffer, index));
  }

  /** Milliseconds since the epoch, by the broker's clock. */
  public static long storeTimestamp(ByteBuffer buffer, int index) {
    return buffer.getLong(storeTimestampIndex(buffer, index));
  }

  public static HostAddress storeHost(ByteBuffer buffer, int index) {
    return host(buffer, storeTimestampIndex(buffer, index) + 8, storeHostBytes(buffer, index));
  }

  public static int reconsumeTimes(ByteBuffer buffer, int index) {
    return buffer.getInt(bodyIndex(buffer, index) - 16);
  }

  /** Changes a copy; what is stored never changes. No checksum covers the field. */
  public static void setReconsumeTimes(ByteBuffer buffer, int index, int times) {
    buffer.putInt(bodyIndex(buffer, index) - 16, times);
  }

  public static long preparedTransactionOffset(ByteBuffer buffer, int index) {
    return buffer.getLong(bodyIndex(buffer, index) - 12);
  }

  /** Where the body's bytes start in the buffer. */
  public static int bodyIndex(ByteBuffer buffer, int index) {
    return storeTimestampIndex(buffer, index) + 8 + storeHostBytes(buffer, index) + 4 + 8 + 4;
  }

  /** A view of the body, not a copy. */
  public static ByteBuffer body(ByteBuffer buffer, int index) {
    int bodyAt = bodyIndex(buffer, index);
    return buffer.slice(bodyAt, buffer.getInt(bodyAt - 4));
  }

  /** Where the topic's bytes start in the buffer. */
  public static int topicIndex(ByteBuffer buffer, int index) {
    int bodyAt = bodyIndex(buffer, index);
    return bodyAt + buffer.getInt(bodyAt - 4) + topicSizeBytes(buffer, index);
  }

  /** The topic's length in bytes. */
  public static int topicSize(ByteBuffer buffer, int index) {
    int topicAt = topicIndex(buffer, index);
    return isV1(buffer, index) ? buffer.get(topicAt - 1) : buffer.getShort(topicAt - 2);
  }

  public static String topic(ByteBuffer buffer, int index) {
    return text(buffer, topicIndex(buffer, index), topicSize(buffer, index));
  }

  /** Where the encoded properties start in the buffer. */
  public static int propertiesIndex(ByteBuffer buffer, int index) {
    return topicIndex(buffer, index) + topicSize(buffer, index) + 2;
  }

  /** The length of the encoded properties in bytes. */
  public static int propertiesSize(ByteBuffer buffer, int index) {
    return buffer.getShort(propertiesIndex(buffer, index) - 2);
  }

  /** A view of the encoded properties, for {@link MessageProperties}; not a copy. */
  public static ByteBuffer properties(ByteBuffer buffer, int index) {
    int propertiesAt = propertiesIndex(buffer, index);
    return buffer.slice(propertiesAt, buffer.getShort(propertiesAt - 2));
  }

  /** The value of one property, or null. */
  public static @Nullable String property(ByteBuffer buffer, int index, String name) {
    return MessageProperties.find(properties(buffer, index), name);
  }

  private static int storeTimestampIndex(ByteBuffer buffer, int index) {
    return index + RecordLayout.BORN_HOST_AT + bornHostBytes(buffer, index);
  }

  private static int bornHostBytes(ByteBuffer buffer, int index) {
    return RecordLayout.hostBytes((sysFlag(buffer, index) & SysFlag.BORN_IPV6) != 0);
  }

  private static int storeHostBytes(ByteBuffer buffer, int index) {
    return RecordLayout.hostBytes((sysFlag(buffer, index) & SysFlag.STORE_IPV6) != 0);
  }

  private static HostAddress host(ByteBuffer buffer, int index, int hostBytes) {
    byte[] address = new byte[hostBytes - 4];
    buffer.get(index, address);
    return new HostAddress(address, buffer.getInt(index + address.length));
  }

  private static boolean isV1(ByteBuffer buffer, int index) {
    return magic(buffer, index) == RecordLayout.MAGIC_V1;
  }

  private static int topicSizeBytes(ByteBuffer buffer, int index) {
    return isV1(buffer, index) ? 1 : 2;
  }

  private static String text(ByteBuffer buffer, int index, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    buffer.get(index, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
