package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.storage.log.LogReader;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The appends that are in the log and wait: for their answer, for being committed, or for both.
 * Kept in the order of the log in a ring whose entries are used again and again, so an append
 * leaves nothing behind but its answer. The commit log's thread only.
 *
 * <p>Always holds: an append is answered once; its queue is told once, when it is committed, and
 * before the appends that are answered with it, so whoever hears of its message finds it. An append
 * that names no queue comes from inside: it is never answered before it is committed, whatever the
 * acknowledgement rule is, and has no time limit for that, since who moves messages exactly once
 * must know what became of them. What is committed and waits for more copies (the rule {@code all})
 * waits for so long only: then clients are told {@link AppendReply.NotOnAll}, and those inside go
 * on, because state that stands still would take everybody with it.
 */
final class UnansweredAppends {
  private static final int FIRST_LENGTH = 1024;
  private static final long[] NO_POSITIONS = {};

  private final int max;
  private final long ackTimeoutMs;
  private final BatchProgress progress;
  private final MissingCopies missingCopies;
  private Entry[] ring = new Entry[FIRST_LENGTH];

  // Counts of appends since the beginning, each the next one to be looked at; modulo the length of
  // the ring they are places in it. The head is the lowest, the tail the highest.
  private long head;
  private long told;
  private long answered;
  private long tail;

  private long committed;
  private long acknowledged;

  /**
   * @param max the most appends that may wait
   * @param ackTimeoutMs how long they may wait for copies
   * @param queuesAtOnce for how many queues room is kept when they are told
   */
  UnansweredAppends(int max, long ackTimeoutMs, int queuesAtOnce) {
    this.max = max;
    this.ackTimeoutMs = ackTimeoutMs;
    this.progress = new BatchProgress(queuesAtOnce);
    this.missingCopies = new MissingCopies(ackTimeoutMs);
  }

  boolean isEmpty() {
    return head == tail;
  }

  boolean isFull() {
    return tail - head >= max;
  }

  /** Takes an append that was written behind all before it. */
  void add(Append append, Appended reply, long nowMs) {
    Entry entry = add(append, reply, reply.positions(), nowMs);
    entry.nextOffset = reply.queueOffset() + append.drafts().size();
  }

  /** Takes an append that repeats one of these; it waits for those before it, too. */
  void add(Append append, AlreadyAppended reply, long nowMs) {
    Entry entry = add(append, reply, reply.positions(), nowMs);
    entry.nextOffset = 0; // its queue has nothing new
    moved(committed, acknowledged, nowMs);
  }

  private Entry add(Append append, AppendReply reply, long[] positions, long nowMs) {
    if (tail - head == ring.length) {
      grow();
    }
    Entry entry = entry(tail++);
    entry.replyTo = append.replyTo();
    entry.reply = reply;
    entry.progress = append.progress();
    entry.position = positions[positions.length - 1];
    entry.takenMs = nowMs;
    return entry;
  }

  /** A queue counts what is under way, so it is told of what was not appended, too. */
  void refused(Append append, LogReader log) {
    ReplyTo<QueueCommitted> queue = append.progress();
    if (queue != null) {
      long committed = isEmpty() ? log.queue(append.drafts().get(0).queue()).nextOffset() : 0;
      Answers.tell(queue, new QueueCommitted(committed, 1));
    }
  }

  /** Whether the acknowledgement rule holds for what lies at the position. */
  boolean isAcknowledged(long position) {
    return position < acknowledged;
  }

  /** What is below the positions is committed, and may be answered. Neither moves back. */
  void moved(long commit, long nowAcknowledged, long nowMs) {
    committed = commit;
    acknowledged = nowAcknowledged;
    for (; told < tail && entry(told).isBelow(commit); told++) {
      Entry entry = entry(told);
      ReplyTo<QueueCommitted> queue = entry.progress;
      if (queue != null) {
        progress.committed(queue, entry.nextOffset);
      }
    }
    progress.tell();
    for (; answered < tail && entry(answered).isBelow(acknowledged); answered++) {
      Entry entry = entry(answered);
      if (entry.progress != null) {
        entry.answer();
      }
    }
    missingCopies.moved(commit, acknowledged, nowMs);
    dontWaitForMissingCopies();
    forgetFinished();
  }

  /**
   * Clients that have waited too long are told what is known. Their appends stay in the log.
   *
   * @param uncertain told where the appends lie whose clients were told that nobody knows
   */
  void expire(long nowMs, Consumer<long[]> uncertain) {
    for (; answered < tail && nowMs - entry(answered).takenMs > ackTimeoutMs; answered++) {
      Entry entry = entry(answered);
      if (answered < told) {
        missingCopies.noticed(committed, nowMs);
        entry.answerNotOnAll(true);
      } else if (entry.progress != null) {
        uncertain.accept(entry.positions());
        entry.tell(AppendRefused.REPLICAS_MISSING);
      }
    }
    dontWaitForMissingCopies();
    forgetFinished();
  }

  private void dontWaitForMissingCopies() {
    if (missingCopies.areMissing()) {
      for (; answered < told; answered++) {
        entry(answered).answerNotOnAll(false);
      }
    }
  }

  /** Those inside are answered here, when nothing is left to wait for. */
  private void forgetFinished() {
    for (; head < told && head < answered; head++) {
      Entry entry = entry(head);
      entry.answer();
      entry.clear();
    }
  }

  /** Refuses all that wait; the queues hear nothing, their leadership is over. */
  void refuse(AppendRefused refusal) {
    for (; head < tail; head++) {
      Entry entry = entry(head);
      entry.tell(refusal);
      entry.clear();
    }
    told = tail;
    answered = tail;
    acknowledged = Math.min(acknowledged, committed);
    missingCopies.leadershipEnded();
  }

  private Entry entry(long count) {
    int place = (int) (count & (ring.length - 1));
    Entry entry = ring[place];
    if (entry == null) {
      entry = new Entry();
      ring[place] = entry;
    }
    return entry;
  }

  private void grow() {
    Entry[] longer = Arrays.copyOf(ring, ring.length * 2);
    for (long count = head; count < tail; count++) {
      longer[(int) (count & (longer.length - 1))] = ring[(int) (count & (ring.length - 1))];
    }
    int first = (int) (head & (longer.length - 1));
    for (int i = 0; i < longer.length; i++) {
      // What was not moved here must not be in two places.
      if (((i - first) & (longer.length - 1)) >= tail - head) {
        longer[i] = null;
      }
    }
    ring = longer;
  }

  private static final class Entry {
    @Nullable ReplyTo<AppendReply> replyTo;
    @Nullable AppendReply reply;
    @Nullable ReplyTo<QueueCommitted> progress;

    /** Of the last record. */
    long position;

    long nextOffset;
    long takenMs;

    /** Positions move over whole frames. */
    boolean isBelow(long limit) {
      return position < limit;
    }

    long[] positions() {
      if (reply instanceof Appended appended) {
        return appended.positions();
      }
      return reply instanceof AlreadyAppended earlier ? earlier.positions() : NO_POSITIONS;
    }

    void answer() {
      AppendReply mine = reply;
      if (mine != null) {
        tell(mine);
      }
    }

    /** Those inside have no use for the difference. */
    void answerNotOnAll(boolean waited) {
      AppendReply mine = reply;
      if (mine != null && progress != null) {
        tell(new AppendReply.NotOnAll(mine, waited));
      }
    }

    void tell(AppendReply answer) {
      ReplyTo<AppendReply> waiting = replyTo;
      if (waiting != null) {
        replyTo = null;
        Answers.tell(waiting, answer);
      }
    }

    void clear() {
      replyTo = null;
      reply = null;
      progress = null;
    }
  }
}
