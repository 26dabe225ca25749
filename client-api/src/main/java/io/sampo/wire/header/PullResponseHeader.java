package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;

/**
 * What a pull found. Clients need all four fields with codes 0, 19, 20 and 21.
 *
 * @param suggestedBrokerId which address of the broker to pull from next; 0 is the leader
 * @param nextOffset where to pull next; beyond the requested offset with codes 0 and 20
 * @param minOffset the queue's oldest offset
 * @param maxOffset the offset that the queue's next message will get
 */
public record PullResponseHeader(
    long suggestedBrokerId, long nextOffset, long minOffset, long maxOffset)
    implements CommandHeader {
  public static PullResponseHeader read(HeaderFields fields) {
    return new PullResponseHeader(
        fields.int64("suggestWhichBrokerId"),
        fields.int64("nextBeginOffset"),
        fields.int64("minOffset"),
        fields.int64("maxOffset"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("suggestWhichBrokerId", suggestedBrokerId)
        .field("nextBeginOffset", nextOffset)
        .field("minOffset", minOffset)
        .field("maxOffset", maxOffset);
  }
}
