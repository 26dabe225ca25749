package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks for messages by a key (12).
 *
 * @param maxNum how many at most
 * @param beginTimestampMs the earliest store time, milliseconds since the epoch
 * @param endTimestampMs the latest store time, inclusive
 * @param uniqueKey true when the key is the id that the producer gave the message
 * @param indexType what 5.5 clients look in: K keys, U unique keys, T tags; empty when they don't
 *     say
 */
public record QueryMessageRequestHeader(
    String topic,
    String key,
    int maxNum,
    long beginTimestampMs,
    long endTimestampMs,
    boolean uniqueKey,
    String indexType)
    implements CommandHeader {
  private static final String UNIQUE_KEY_QUERY = "_UNIQUE_KEY_QUERY";
  private static final String UNIQUE_KEY_TYPE = "U";

  /** Looks in the tags, which have no index. */
  public static final String TAG_TYPE = "T";

  public static QueryMessageRequestHeader read(HeaderFields fields) {
    String type = fields.find("indexType");
    return new QueryMessageRequestHeader(
        fields.text("topic"),
        fields.text("key"),
        fields.int32("maxNum"),
        fields.int64("beginTimestamp"),
        fields.int64("endTimestamp"),
        fields.bool(UNIQUE_KEY_QUERY, false) || UNIQUE_KEY_TYPE.equals(type),
        type == null ? "" : type);
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic)
        .field("key", key)
        .field("maxNum", maxNum)
        .field("beginTimestamp", beginTimestampMs)
        .field("endTimestamp", endTimestampMs);
    if (uniqueKey) {
      out.field(UNIQUE_KEY_QUERY, true);
    }
    if (!indexType.isEmpty()) {
      out.field("indexType", indexType);
    }
  }
}
