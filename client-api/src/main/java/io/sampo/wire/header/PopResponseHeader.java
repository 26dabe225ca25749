package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * What was popped. Clients make the handles of the messages from it, see {@link PopHandle}; they
 * look for the numbers also when nothing was popped (209, 210).
 *
 * @param popTimeMs when, by the broker's time of day
 * @param invisibleMs for how long
 * @param reviveQueueId {@link PopHandle#IN_ORDER}, or anything else for messages without order
 * @param restCount messages that are still there, as far as the broker looked
 * @param startOffsets of each queue the first offset: {@code 0 <queueId> <offset>}, separated by
 *     semicolons
 * @param messageOffsets of each queue the offsets: {@code 0 <queueId> <offset>,<offset>…}
 * @param orderCounts how often messages were delivered before, with order only: {@code 0
 *     qo<queueId>%<offset> <count>}
 */
public record PopResponseHeader(
    long popTimeMs,
    long invisibleMs,
    int reviveQueueId,
    long restCount,
    @Nullable String startOffsets,
    @Nullable String messageOffsets,
    @Nullable String orderCounts)
    implements CommandHeader {
  /** Nothing was popped. */
  public static final PopResponseHeader NOTHING =
      new PopResponseHeader(0, 0, 0, 0, null, null, null);

  public static PopResponseHeader read(HeaderFields fields) {
    return new PopResponseHeader(
        fields.int64("popTime"),
        fields.int64("invisibleTime"),
        fields.int32("reviveQid"),
        fields.int64("restNum"),
        fields.find("startOffsetInfo"),
        fields.find("msgOffsetInfo"),
        fields.find("orderCountInfo"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("popTime", popTimeMs)
        .field("invisibleTime", invisibleMs)
        .field("reviveQid", reviveQueueId)
        .field("restNum", restCount)
        .field("startOffsetInfo", startOffsets)
        .field("msgOffsetInfo", messageOffsets)
        .field("orderCountInfo", orderCounts);
  }
}
