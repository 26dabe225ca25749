package io.sampo.multijvm.official;

import java.util.Map;

/**
 * A message that the client handed to the application.
 *
 * @param broker the name of the log group that it is in
 * @param msgId the one that its producer gave
 * @param offsetMsgId the one that names its place
 * @param tags empty for none
 * @param keys empty for none
 * @param properties all of them, the client's and the broker's included
 * @param reconsumeTimes how often it was tried before
 * @param storedAt when the broker says it stored it, in milliseconds since 1970
 */
public record Delivery(
    String topic,
    String broker,
    int queueId,
    long queueOffset,
    String msgId,
    String offsetMsgId,
    String tags,
    String keys,
    byte[] body,
    Map<String, String> properties,
    int reconsumeTimes,
    long storedAt) {}
