package io.sampo.client;

/** Where a group starts in a queue for which it has no offset yet. */
public enum ConsumeFrom {
  /** At the oldest message there is. */
  FIRST,
  /**
   * At the end. A queue that still has its very first message in memory is read from the start all
   * the same: what was sent between the making of a topic and the first look at it is not lost.
   */
  LAST
}
