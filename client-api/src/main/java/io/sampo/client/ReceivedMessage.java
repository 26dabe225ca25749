package io.sampo.client;

import io.sampo.record.HostAddress;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.SysFlag;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A message as it was stored: a record of its own bytes, read when asked. Immutable, thread-safe.
 */
public final class ReceivedMessage {
  private static final int ZLIB = 3;

  /** What a compressed body may grow to: more than any broker stores, less than would hurt. */
  private static final int INFLATED_BYTES_MAX = 128 * 1024 * 1024;

  private final TopicQueue queue;
  private final ByteBuffer record;

  /**
   * @param queue where it was pulled from
   * @param record nothing but the record, checked, from index 0
   */
  ReceivedMessage(TopicQueue queue, ByteBuffer record) {
    this.queue = queue;
    this.record = record;
  }

  public TopicQueue queue() {
    return queue;
  }

  /** The message's number in its queue. */
  public long queueOffset() {
    return MessageRecord.queueOffset(record, 0);
  }

  public String topic() {
    return MessageRecord.topic(record, 0);
  }

  /** The tag, or null. */
  public @Nullable String tag() {
    return property(MessageProperties.TAGS);
  }

  /** The keys, separated by blanks, or null. */
  public @Nullable String keys() {
    return property(MessageProperties.KEYS);
  }

  /** The value of a property, or null. */
  public @Nullable String property(String name) {
    return MessageRecord.property(record, 0, name);
  }

  public Map<String, String> properties() {
    return MessageProperties.parse(MessageRecord.properties(record, 0));
  }

  /** The id that the producer gave, or else the broker's. */
  public String messageId() {
    String given = property(MessageProperties.UNIQUE_KEY);
    return given != null ? given : offsetMessageId();
  }

  /** The id that the broker gave. */
  public String offsetMessageId() {
    return MessageIds.encode(
        MessageRecord.storeHost(record, 0), MessageRecord.physicalOffset(record, 0));
  }

  /** Milliseconds since the epoch, by the producer's clock. */
  public long bornTimestampMs() {
    return MessageRecord.bornTimestamp(record, 0);
  }

  public HostAddress bornHost() {
    return MessageRecord.bornHost(record, 0);
  }

  /** Milliseconds since the epoch, by the broker's clock. */
  public long storeTimestampMs() {
    return MessageRecord.storeTimestamp(record, 0);
  }

  /** A number of the user's own. */
  public int flag() {
    return MessageRecord.flag(record, 0);
  }

  /** How often a broker has delivered it before. */
  public int reconsumeTimes() {
    return MessageRecord.reconsumeTimes(record, 0);
  }

  /** The length of the stored record in bytes. */
  int sizeBytes() {
    return record.capacity();
  }

  /**
   * The body in an array of the caller's own. A body that the producer has compressed with zlib is
   * inflated.
   *
   * @throws ClientException when it is compressed otherwise, or damaged
   */
  public byte[] body() {
    ByteBuffer stored = MessageRecord.body(record, 0);
    byte[] bytes = new byte[stored.remaining()];
    stored.get(bytes);
    int sysFlag = MessageRecord.sysFlag(record, 0);
    if ((sysFlag & SysFlag.COMPRESSED) == 0) {
      return bytes;
    }
    int type = SysFlag.compressionType(sysFlag);
    if (type != 0 && type != ZLIB) { // old producers leave the type out
      throw new ClientException(
          "the body of " + messageId() + " has compression type " + type + ", only zlib is known");
    }
    return inflate(bytes);
  }

  private byte[] inflate(byte[] compressed) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(compressed);
      ByteArrayOutputStream inflated = new ByteArrayOutputStream(4 * compressed.length);
      byte[] chunk = new byte[8 * 1024];
      while (!inflater.finished()) {
        int size = inflater.inflate(chunk);
        if (size == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new ClientException("the compressed body of " + messageId() + " is cut off");
        }
        inflated.write(chunk, 0, size);
        if (inflated.size() > INFLATED_BYTES_MAX) {
          throw new ClientException(
              "the body of " + messageId() + " inflates to more than " + INFLATED_BYTES_MAX);
        }
      }
      return inflated.toByteArray();
    } catch (DataFormatException e) {
      throw new ClientException("the compressed body of " + messageId() + " is damaged", e);
    } finally {
      inflater.end();
    }
  }

  @Override
  public String toString() {
    return "ReceivedMessage[" + messageId() + " at " + queue + " " + queueOffset() + "]";
  }
}
