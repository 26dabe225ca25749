package io.sampo.cluster.journal;

import io.sampo.cluster.replication.LocalLogs;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;

/**
 * Copies to the end of a log what persistent actors still need of its beginning, so that the
 * beginning can be dropped: of each persistence id the newest snapshot, the events behind it, and
 * what was said last about deletions. No actor is asked or woken: an id that nobody has used for
 * years is carried along like the others.
 *
 * <p>An event can't get another place in its own queue, whose offsets are the sequence numbers; its
 * copy goes to {@link PersistenceQueues#carriedEvents}, where a replay finds it. What has a copy
 * above the position already is left alone, so a carrying that was interrupted is simply repeated.
 *
 * <p>May be used by any thread; the work is done on the plugins' dispatcher, one id after the
 * other, as the leadership that it finds.
 */
public final class JournalCarrier {
  /** Together with the heads of the records no more than the smallest segment holds. */
  private static final int APPEND_BYTES = 24 << 10;

  private static final int APPEND_RECORDS = 64;

  private final LocalLogs logs;
  private final String logGroup;
  private final Executor executor;

  public JournalCarrier(ActorSystem<?> system, String logGroup) {
    this.logs = LocalLogs.get(system);
    this.logGroup = logGroup;
    this.executor =
        system.dispatchers().lookup(DispatcherSelector.fromConfig(PersistencePlugin.DISPATCHER));
  }

  /**
   * Carries everything that is needed of what lies below a position.
   *
   * @param position at most the commit position
   * @return how many records were copied, once all copies are committed; fails when the log group
   *     isn't led here or the log refuses, and then may be repeated
   */
  public CompletionStage<Integer> carry(long position) {
    return CompletableFuture.supplyAsync(
            () -> new Carrying(PersistenceLog.led(logs, logGroup, executor), position), executor)
        .thenCompose(Carrying::next);
  }

  /** One pass over all ids. */
  private final class Carrying {
    private final PersistenceLog log;
    private final long position;
    private final ArrayDeque<String> ids;
    private final List<MessageDraft> copies = new ArrayList<>();
    private int copiesBytes;
    private int carried;

    Carrying(PersistenceLog log, long position) {
      this.log = log;
      this.position = position;
      Set<String> found = new TreeSet<>();
      for (QueueKey queue : log.queues()) {
        if (PersistenceQueues.isInternal(queue.topic())) {
          found.add(PersistenceQueues.persistenceId(queue));
        }
      }
      this.ids = new ArrayDeque<>(found);
    }

    /** Looks at ids until there is enough for an append. */
    CompletionStage<Integer> next() {
      while (!ids.isEmpty() && copies.size() < APPEND_RECORDS && copiesBytes < APPEND_BYTES) {
        collect(ids.removeFirst());
      }
      if (copies.isEmpty()) {
        return CompletableFuture.completedStage(carried);
      }
      return append();
    }

    private CompletionStage<Integer> append() {
      List<MessageDraft> some = new ArrayList<>();
      int bytes = 0;
      while (!copies.isEmpty() && some.size() < APPEND_RECORDS) {
        int nextBytes = copies.get(copies.size() - 1).body().remaining();
        if (!some.isEmpty() && bytes + nextBytes > APPEND_BYTES) {
          break;
        }
        bytes += nextBytes;
        some.add(copies.remove(copies.size() - 1));
      }
      copiesBytes -= bytes;
      carried += some.size();
      return log.append(some)
          .thenComposeAsync(done -> copies.isEmpty() ? next() : append(), executor);
    }

    private void collect(String id) {
      long snapshot = collectSnapshot(id);
      long deletedTo = EventDeletions.deletedTo(log, id);
      QueueKey deletions = PersistenceQueues.eventDeletions(id);
      long newestDeletion = log.committedEnd(deletions) - 1;
      if (isBelow(deletions, newestDeletion)) {
        log.visit(deletions, newestDeletion, (offset, body) -> add(deletions, copy(body)));
      }
      collectEvents(id, Math.max(snapshot, deletedTo));
    }

    /** Returns the sequence number of the newest snapshot, 0 without one. */
    private long collectSnapshot(String id) {
      QueueKey snapshots = PersistenceQueues.snapshots(id);
      long newest = NewestSnapshot.offset(log, id, (sequenceNr, timestampMs) -> true);
      if (newest < 0) {
        return 0;
      }
      long[] sequenceNr = new long[1];
      boolean goes = isBelow(snapshots, newest);
      log.visit(
          snapshots,
          newest,
          (offset, body) -> {
            sequenceNr[0] = SnapshotRecord.sequenceNr(body);
            if (goes) {
              add(snapshots, copy(body));
            }
          });
      return sequenceNr[0];
    }

    private void collectEvents(String id, long neededAfter) {
      QueueKey carriedQueue = PersistenceQueues.carriedEvents(id);
      Set<Long> safe = new HashSet<>();
      List<Long> goingCopies = new ArrayList<>();
      long end = log.committedEnd(carriedQueue);
      for (long offset = log.firstOffset(carriedQueue); offset < end; offset++) {
        if (isBelow(carriedQueue, offset)) {
          goingCopies.add(offset);
        } else {
          log.visit(carriedQueue, offset, (at, body) -> safe.add(CarriedEvents.sequenceNr(body)));
        }
      }
      for (long offset : goingCopies) {
        log.visit(
            carriedQueue,
            offset,
            (at, body) -> {
              long sequenceNr = CarriedEvents.sequenceNr(body);
              if (sequenceNr > neededAfter && safe.add(sequenceNr)) {
                add(carriedQueue, copy(body));
              }
            });
      }
      QueueKey events = PersistenceQueues.events(id);
      long eventsEnd = log.committedEnd(events);
      long offset = Math.max(neededAfter, log.firstOffset(events));
      while (offset < eventsEnd && isBelow(events, offset)) {
        log.visit(
            events,
            offset,
            (at, body) -> {
              if (safe.add(at + 1)) {
                add(carriedQueue, CarriedEvents.encode(at + 1, body));
              }
            });
        offset++;
      }
    }

    /** Whether a record is there and lies below the position. */
    private boolean isBelow(QueueKey queue, long offset) {
      long at = offset < 0 ? -1 : log.position(queue, offset);
      return at >= 0 && at < position;
    }

    private void add(QueueKey queue, byte[] body) {
      copies.add(log.draft(queue, body));
      copiesBytes += body.length;
    }
  }

  private static byte[] copy(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }
}
