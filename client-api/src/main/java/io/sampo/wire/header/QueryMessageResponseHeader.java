package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * How much of the log a query by key (12) looked at; the messages are the body.
 *
 * @param indexLastUpdateTimestampMs when, in milliseconds since the epoch
 * @param indexLastUpdatePosition up to which log position
 */
public record QueryMessageResponseHeader(
    long indexLastUpdateTimestampMs, long indexLastUpdatePosition) implements CommandHeader {
  public static QueryMessageResponseHeader read(HeaderFields fields) {
    return new QueryMessageResponseHeader(
        fields.int64("indexLastUpdateTimestamp"), fields.int64("indexLastUpdatePhyoffset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("indexLastUpdateTimestamp", indexLastUpdateTimestampMs)
        .field("indexLastUpdatePhyoffset", indexLastUpdatePosition);
  }
}
