package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * Where a sent message was stored. Clients need it with codes 0, 10, 11 and 12.
 *
 * @param msgId the offset message id (hex); of a batch all of them, joined by commas
 * @param queueId the queue, 0 or more
 * @param queueOffset its number there; of a batch that of the first
 * @param transactionId of a half message; null otherwise
 */
public record SendResponseHeader(
    String msgId, int queueId, long queueOffset, @Nullable String transactionId)
    implements CommandHeader {
  public static SendResponseHeader read(HeaderFields fields) {
    return new SendResponseHeader(
        fields.text("msgId"),
        fields.int32("queueId"),
        fields.int64("queueOffset"),
        fields.find("transactionId"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("msgId", msgId)
        .field("queueId", queueId)
        .field("queueOffset", queueOffset)
        .field("transactionId", transactionId);
  }
}
