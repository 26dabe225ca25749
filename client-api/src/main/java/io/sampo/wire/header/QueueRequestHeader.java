package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * Asks something of one queue: its end (30), its start (31), its earliest store time (32). The
 * answers are {@link OffsetResponseHeader} and {@link StoreTimeResponseHeader}. The field {@code
 * committed} of 30 is not read: nobody is told of messages that are not committed.
 */
public record QueueRequestHeader(String topic, int queueId) implements CommandHeader {
  public static QueueRequestHeader read(HeaderFields fields) {
    return new QueueRequestHeader(fields.name("topic"), fields.int32("queueId"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic).field("queueId", queueId);
  }
}
