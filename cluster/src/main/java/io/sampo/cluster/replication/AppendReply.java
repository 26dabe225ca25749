package io.sampo.cluster.replication;

/** The answer to an append. */
public sealed interface AppendReply
    permits AppendReply.Appended, AppendReply.AlreadyAppended, AppendReply.NotOnAll, AppendRefused {
  /**
   * The acknowledgement rule holds for all messages of the append.
   *
   * @param queueOffset the offset of the first message in its queue; the others of that queue
   *     follow
   * @param positions the log position of each message, in order
   */
  record Appended(long queueOffset, long[] positions) implements AppendReply {}

  /**
   * The append was the retry of one whose answer its producer had missed. Nothing was stored; the
   * acknowledgement rule holds for the first one's messages. Only to appends with a {@link
   * io.sampo.record.SendKey}.
   *
   * @param queueId the queue that they are in, which may be another one of the topic
   * @param queueOffset the offset of the first message in it
   * @param positions the log position of each message, in order
   */
  record AlreadyAppended(int queueId, long queueOffset, long[] positions) implements AppendReply {}

  /**
   * The messages are committed, so they are delivered and outlive any minority of the copies; but
   * {@code all} is asked for, and not every voter holds them. Only to appends of clients.
   *
   * @param stored what the answer would have been
   * @param waited whether it waited for the missing copies; otherwise they were known to be missing
   */
  record NotOnAll(AppendReply stored, boolean waited) implements AppendReply {}
}
