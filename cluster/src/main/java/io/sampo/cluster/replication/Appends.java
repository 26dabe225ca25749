package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.record.MessageDraft;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What is appended to a log that is led: each append on its way from the open batch to its answer.
 * Retries that were stored before are told apart here. The commit log's thread only.
 *
 * <p>Always holds: an append that is taken is answered once and its drafts are released once.
 */
final class Appends {
  private final LocalLog localLog;
  private final BatchWriter batch;
  private final RepeatedSends repeatedSends;
  private final UnansweredAppends unanswered;
  private final LongSupplier clockMs;
  private long batchOpenedMs;
  private long committed;

  /** The commit position before it moved last; 0 when it was not known. */
  private long committedBefore;

  Appends(LocalLog localLog, ReplicaLog log, Surroundings around, LongSupplier clockMs) {
    CommitLogSettings settings = around.settings();
    ReplicationSettings replication = settings.replication();
    this.localLog = localLog;
    this.batch = new BatchWriter(localLog.logGroup(), log, around.clock(), settings.batch());
    this.repeatedSends = new RepeatedSends(settings.deduplication(), log, around.clock());
    this.unanswered =
        new UnansweredAppends(
            replication.appendsMax(),
            replication.ackTimeout().toMillis(),
            settings.batch().appends());
    this.clockMs = clockMs;
  }

  /** True while more wait than may. */
  boolean areTooMany() {
    return unanswered.isFull();
  }

  /** True while there are appends that no ended batch holds. */
  boolean isBatchOpen() {
    return batch.isOpen();
  }

  boolean isBatchFull() {
    return batch.isFull();
  }

  /**
   * Writes messages into the open batch, unless they were stored before.
   *
   * @return what {@link #take} is given
   * @throws IOException as {@link BatchWriter#write}
   */
  AppendReply write(List<MessageDraft> drafts) throws IOException {
    AppendReply earlier = repeatedSends.find(drafts);
    if (earlier != null) {
      return earlier;
    }
    if (!batch.isOpen()) {
      batchOpenedMs = clockMs.getAsLong();
    }
    return batch.write(drafts);
  }

  /**
   * Takes an append over, by what became of its messages.
   *
   * @return true when they are in the open batch
   */
  boolean take(Append append, AppendReply reply) {
    if (reply instanceof Appended appended) {
      unanswered.add(append, appended, batchOpenedMs);
      repeatedSends.appended(append.drafts(), appended.positions());
      Answers.release(append.drafts());
      return true;
    }
    if (reply instanceof AlreadyAppended earlier) {
      answerAsEarlier(append, earlier);
    } else if (reply instanceof AppendRefused refusal) {
      refuse(append, refusal);
    }
    return false;
  }

  /** A retry gets its answer when the first attempt has had its own, or would have. */
  private void answerAsEarlier(Append append, AlreadyAppended earlier) {
    Answers.release(append.drafts());
    if (unanswered.isAcknowledged(earlier.positions()[earlier.positions().length - 1])) {
      unanswered.refused(append, localLog.reader());
      Answers.tell(append.replyTo(), earlier);
    } else {
      unanswered.add(append, earlier, clockMs.getAsLong());
    }
  }

  /** Refuses an append of this leadership; its queue counts it, too. */
  void refuse(Append append, AppendRefused refusal) {
    unanswered.refused(append, localLog.reader());
    Answers.refuse(append, refusal);
  }

  /** Ends the open batch, so that it can be flushed, replicated and committed. */
  void endBatch() throws IOException {
    batch.end();
  }

  /**
   * The log is about to stand for a leadership.
   *
   * @param cuts how often it was cut
   */
  void prepare(long cuts) {
    repeatedSends.learn(cuts);
  }

  /** A leadership begins; it was won by what moved the commit position last. */
  void begin(long cuts) {
    repeatedSends.begin(cuts, committedBefore, committed);
  }

  /** It is over. */
  void end(long cuts) {
    repeatedSends.end(cuts);
  }

  /** What is below the positions is committed, and may be answered. */
  void moved(long commit, long acknowledged) {
    committedBefore = committed;
    committed = commit;
    unanswered.moved(commit, acknowledged, clockMs.getAsLong());
  }

  /** Clients that have waited too long are told what is known. */
  void expire() {
    unanswered.expire(clockMs.getAsLong(), repeatedSends::uncertain);
  }

  /** All that waits is over. */
  void refuseAll(AppendRefused refusal) {
    unanswered.refuse(refusal);
  }
}
