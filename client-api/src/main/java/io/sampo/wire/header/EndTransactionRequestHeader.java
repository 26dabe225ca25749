package io.sampo.wire.header;

import io.sampo.wire.CommandHeader;
import io.sampo.wire.FieldWriter;
import io.sampo.wire.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A producer says what became of a transaction (37); official clients send it one-way.
 *
 * @param producerGroup the group that sent the half message
 * @param halfOffset the queue offset that the half message was answered with
 * @param halfPosition its place in the log, from the offset message id
 * @param outcome the transaction bits of {@code SysFlag}: commit, rollback, or 0 for undecided
 * @param fromCheck whether the broker had asked
 * @param messageId the producer's id of the message
 * @param transactionId null when not given
 * @param topic of the message; null before 5.0
 * @param brokerName who is meant; null before 4.9.5
 */
public record EndTransactionRequestHeader(
    String producerGroup,
    long halfOffset,
    long halfPosition,
    int outcome,
    boolean fromCheck,
    String messageId,
    @Nullable String transactionId,
    @Nullable String topic,
    @Nullable String brokerName)
    implements CommandHeader {
  public static EndTransactionRequestHeader read(HeaderFields fields) {
    return new EndTransactionRequestHeader(
        fields.name("producerGroup"),
        fields.int64("tranStateTableOffset"),
        fields.int64("commitLogOffset"),
        fields.int32("commitOrRollback"),
        fields.bool("fromTransactionCheck", false),
        fields.text("msgId"),
        fields.find("transactionId"),
        fields.find("topic"),
        fields.find("bname"));
  }

  @Override
  public void writeFields(FieldWriter out) {
    out.field("producerGroup", producerGroup)
        .field("tranStateTableOffset", halfOffset)
        .field("commitLogOffset", halfPosition)
        .field("commitOrRollback", outcome)
        .field("fromTransactionCheck", fromCheck)
        .field("msgId", messageId)
        .field("transactionId", transactionId)
        .field("topic", topic)
        .field("bname", brokerName);
  }
}
