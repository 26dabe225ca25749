package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * Asks a producer what became of a transaction (39), one-way; the body is the half message's record
 * with its real topic. The producer sends the fields back in an {@link
 * EndTransactionRequestHeader}.
 *
 * @param topic the real one
 * @param halfOffset the half message's queue offset
 * @param halfPosition its place in the log
 * @param messageId the producer's id of the message; null when it gave none
 * @param transactionId the same
 * @param offsetMessageId names the half message by its place
 * @param brokerName who asks, so that the answer finds its way
 */
public record CheckTransactionRequestHeader(
    String topic,
    long halfOffset,
    long halfPosition,
    @Nullable String messageId,
    @Nullable String transactionId,
    String offsetMessageId,
    String brokerName)
    implements CommandHeader {
  public static CheckTransactionRequestHeader read(HeaderFields fields) {
    return new CheckTransactionRequestHeader(
        fields.text("topic"),
        fields.int64("tranStateTableOffset"),
        fields.int64("commitLogOffset"),
        fields.find("msgId"),
        fields.find("transactionId"),
        fields.text("offsetMsgId"),
        fields.text("bname"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("topic", topic)
        .field("tranStateTableOffset", halfOffset)
        .field("commitLogOffset", halfPosition)
        .field("msgId", messageId)
        .field("transactionId", transactionId)
        .field("offsetMsgId", offsetMessageId)
        .field("bname", brokerName);
  }
}
