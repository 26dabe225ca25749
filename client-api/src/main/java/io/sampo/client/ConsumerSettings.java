package io.sampo.client;

/**
 * How a consumer consumes; see {@link Consumer.Builder}.
 *
 * @param group the consumer group
 * @param consumeFrom where to start without an offset
 * @param concurrencyPerQueue how many messages of a queue may run at a time
 * @param windowMessagesMax per queue, when to stop pulling
 * @param windowBytesMax per queue, when to stop pulling
 * @param pullMessagesMax how many messages to ask for at once
 */
record ConsumerSettings(
    String group,
    ConsumeFrom consumeFrom,
    int concurrencyPerQueue,
    int windowMessagesMax,
    long windowBytesMax,
    int pullMessagesMax) {}
