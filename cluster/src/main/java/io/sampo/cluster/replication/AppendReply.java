package io.sampo.cluster.replication;

/** The answer to an append. */
public sealed interface AppendReply permits AppendReply.Appended, AppendRefused {
  /**
   * The acknowledgement rule holds for all messages of the append.
   *
   * @param queueOffset the offset of the first message in its queue; the others of that queue
   *     follow
   * @param positions the log position of each message, in order
   */
  record Appended(long queueOffset, long[] positions) implements AppendReply {}
}
