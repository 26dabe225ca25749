package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.CommitLogSettings.BatchLimits;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import java.util.ArrayList;

/**
 * The appends that are in the log and not yet answered, because they wait for the same flush. The
 * commit log's thread only; its lists keep their room from batch to batch, so an append leaves
 * nothing behind but its answer.
 */
final class OpenBatch {
  private final BatchLimits limits;
  private final ArrayList<ReplyTo<AppendReply>> replyTos = new ArrayList<>();
  private final ArrayList<Appended> replies = new ArrayList<>();
  private final BatchProgress progress;
  private long sizeBytes;
  private int taken;

  OpenBatch(BatchLimits limits) {
    this.limits = limits;
    this.progress = new BatchProgress(limits.appends());
  }

  /** True when nobody waits for anything. */
  boolean isEmpty() {
    return taken == 0;
  }

  /** True when the batch holds appends, and not only news of refused ones. */
  boolean hasAppends() {
    return !replies.isEmpty();
  }

  boolean isFull() {
    return taken >= limits.appends() || sizeBytes >= limits.bytes();
  }

  /** How much was appended. */
  long sizeBytes() {
    return sizeBytes;
  }

  /** Takes an append that was written. */
  void add(Append append, Appended reply, int appendedBytes) {
    replyTos.add(append.replyTo());
    replies.add(reply);
    sizeBytes += appendedBytes;
    taken++;
    ReplyTo<QueueCommitted> queue = append.progress();
    if (queue != null) {
      progress.appended(
          queue, append.drafts().get(0).queue(), reply.queueOffset() + append.drafts().size());
    }
  }

  /** Remembers to tell the queue of an append that was refused and answered. */
  void addRefused(ReplyTo<QueueCommitted> queueProgress, QueueKey queue) {
    progress.refused(queueProgress, queue);
    taken++;
  }

  /**
   * Answers all: first the queues, so that whoever hears of its message and asks for it next finds
   * it.
   */
  void commit(LogReader log) {
    progress.tellCommitted(log);
    for (int i = 0; i < replies.size(); i++) {
      Answers.tell(replyTos.get(i), replies.get(i));
    }
    clear();
  }

  /** Answers all with the refusal; the queues hear nothing, their leadership is over. */
  void refuse(AppendRefused refusal) {
    progress.clear();
    for (int i = 0; i < replyTos.size(); i++) {
      Answers.tell(replyTos.get(i), refusal);
    }
    clear();
  }

  private void clear() {
    replyTos.clear();
    replies.clear();
    sizeBytes = 0;
    taken = 0;
  }
}
