package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFullException;
import java.io.IOException;

/**
 * Has a {@link CommitLog} drop the beginning of its log. Who asks has seen to it that nothing there
 * is needed any more.
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

  /**
   * Nothing was dropped; the reason is for people.
   *
   * @param lasting whether it won't be otherwise soon
   */
  public record DropRefused(String reason, boolean lasting) implements DropReply {}

  @Override
  public void undelivered() {
    refuse("the log isn't led here", false);
  }

  private void refuse(String reason, boolean lasting) {
    Answers.tell(replyTo, new DropRefused(reason, lasting));
  }

  /**
   * Drops and answers. The commit log's thread.
   *
   * @param committedPosition 0 when the log isn't led under the epoch
   * @param isAlone whether nobody else has a copy
   * @throws IOException when the disk failed; not answered then
   */
  void carryOut(ReplicaLog log, long committedPosition, boolean isAlone) throws IOException {
    if (position > committedPosition) {
      undelivered();
    } else if (!isAlone) {
      // A copy that begins later doesn't know yet how far queues had come that are silent since.
      refuse("a log with several copies keeps everything in this version", true);
    } else {
      try {
        log.dropBelow(position);
        Answers.tell(replyTo, new Dropped(log.reader().startPosition()));
      } catch (LogFullException e) {
        refuse(String.valueOf(e.getMessage()), false);
      }
    }
  }
}
