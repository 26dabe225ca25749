package io.sampo.multijvm.official;

/**
 * What the client says of an acknowledged send.
 *
 * @param status the name of the client's status, such as SEND_OK
 * @param msgId the client's own id; of a batch, all joined by commas
 * @param offsetMsgId the broker's id; of a batch, all joined by commas
 * @param broker the name of the log group that it is in
 * @param queueOffset of a batch, that of its first message
 */
public record Receipt(
    String status,
    String msgId,
    String offsetMsgId,
    String broker,
    int queueId,
    long queueOffset) {}
