package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * The message's new invisible time; clients make its new handle from it.
 *
 * @param popTimeMs from when on
 * @param invisibleMs for how long
 * @param reviveQueueId as in the handle before
 */
public record ChangeInvisibleResponseHeader(long popTimeMs, long invisibleMs, int reviveQueueId)
    implements CommandHeader {
  public static ChangeInvisibleResponseHeader read(HeaderFields fields) {
    return new ChangeInvisibleResponseHeader(
        fields.int64("popTime"), fields.int64("invisibleTime"), fields.int32("reviveQid"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("popTime", popTimeMs)
        .field("invisibleTime", invisibleMs)
        .field("reviveQid", reviveQueueId);
  }
}
