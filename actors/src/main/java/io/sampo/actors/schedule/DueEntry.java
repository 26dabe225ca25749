package io.sampo.actors.schedule;

/**
 * A message that waits, as the index knows it.
 *
 * @param dueMs when it is to be looked at, in milliseconds since the epoch: its due time, or later
 *     after it could not be delivered
 * @param offset its offset in {@link ScheduledMessage#QUEUE}
 * @param position of its record in the log
 * @param sizeBytes of its record
 * @param keyHash the string hash of its unique key, 0 without one
 */
record DueEntry(long dueMs, long offset, long position, int sizeBytes, int keyHash) {}
