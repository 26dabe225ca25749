package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFullException;
import java.io.IOException;

/**
 * Has a {@link CommitLog} drop the beginning of its log. Who asks has seen to it that nothing there
 * is needed any more, and that a committed list of silent queues says so: the other copies follow
 * it by themselves, and one that is behind begins with what is left.
 *
 * @param epoch the leadership that the sender acts under
 * @param position where a segment starts, at most the commit position
 */
public record DropBelow(long epoch, long position, ReplyTo<DropReply> replyTo)
    implements CommitLog.Command, Undeliverable {
  /** The answer. */
  public sealed interface DropReply {}

  /** The log begins there now, also after a crash. */
  public record Dropped(long startPosition) implements DropReply {}

  /** Nothing was dropped; the reason is for people. */
  public record DropRefused(String reason) implements DropReply {}

  @Override
  public void undelivered() {
    refuse("the log isn't led here");
  }

  private void refuse(String reason) {
    Answers.tell(replyTo, new DropRefused(reason));
  }

  /**
   * Drops and answers. The commit log's thread.
   *
   * @param committedPosition 0 when the log isn't led under the epoch
   * @throws IOException when the disk failed; not answered then
   */
  void carryOut(ReplicaLog log, long committedPosition) throws IOException {
    if (position > committedPosition) {
      undelivered();
    } else {
      try {
        log.dropBelow(position);
        Answers.tell(replyTo, new Dropped(log.reader().startPosition()));
      } catch (LogFullException e) {
        refuse(String.valueOf(e.getMessage()));
      }
    }
  }
}
