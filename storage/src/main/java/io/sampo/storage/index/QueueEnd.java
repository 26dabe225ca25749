package io.sampo.storage.index;

import io.sampo.record.QueueKey;

/**
 * How far a queue had come.
 *
 * @param nextOffset the offset of its next record
 * @param lastStoreTimestampMs when its newest record was stored
 */
public record QueueEnd(QueueKey queue, long nextOffset, long lastStoreTimestampMs) {}
