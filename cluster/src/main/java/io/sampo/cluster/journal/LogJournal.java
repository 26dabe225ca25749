package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The Pekko Persistence journal on the commit log: {@code pekko.persistence.journal.plugin =
 * sampo.journal}. A persistence id is a queue ({@link PersistenceQueues}); the event with sequence
 * number n is at queue offset n - 1, and its record's body is Pekko's own form of a persistent
 * event (payload with serializer and manifest, writer, time, metadata).
 *
 * <p>A write is stored whole or not at all, and answered once it is committed. It fails, and with
 * it the actor, when the log isn't led here, has no room, or holds other events than the actor
 * knows of, which means that two actors write the same id. There are no rejected single events:
 * they would leave a gap in the sequence numbers. Tags are not kept, since nothing queries them.
 *
 * <p>Answers rely on the node's {@code DeadLetterReclaimer}: without it, a write told to a commit
 * log that has just stopped is never answered.
 */
public final class LogJournal extends AsyncWriteJournal {
  private final PersistencePlugin plugin = new PersistencePlugin(context().system());

  /** Called by Pekko. */
  public LogJournal() {}

  @Override
  public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
    // All of them are one actor's, so they can be one group: stored together, flushed together.
    List<byte[]> bodies = new ArrayList<>();
    String persistenceId = "";
    long firstSequenceNr = 0;
    for (AtomicWrite write : writes) {
      for (PersistentRepr event : CollectionConverters.asJava(write.payload())) {
        if (bodies.isEmpty()) {
          persistenceId = event.persistenceId();
          firstSequenceNr = event.sequenceNr();
        }
        bodies.add(plugin.toBytes(untagged(event)));
      }
    }
    QueueKey events = PersistenceQueues.events(persistenceId);
    long firstOffset = firstSequenceNr - 1;
    return plugin.onLogOf(
        persistenceId,
        log -> {
          requireNext(log, events, firstOffset);
          return log.append(events, bodies)
              .thenApply(
                  offset -> {
                    requireSame(events, firstOffset, offset);
                    return List.of(); // no event was rejected
                  });
        });
  }

  @Override
  public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
    return plugin.onLogOf(
        persistenceId,
        log -> {
          QueueKey deletions = PersistenceQueues.eventDeletions(persistenceId);
          long end =
              Math.min(toSequenceNr, log.committedEnd(PersistenceQueues.events(persistenceId)));
          if (end <= EventDeletions.deletedTo(log, persistenceId)) {
            return CompletableFuture.<@Nullable Void>completedStage(null);
          }
          return log.append(deletions, List.of(EventDeletions.encode(end)))
              .thenApply(offset -> null);
        });
  }

  @Override
  public Future<Void> doAsyncReplayMessages(
      String persistenceId,
      long fromSequenceNr,
      long toSequenceNr,
      long max,
      Consumer<PersistentRepr> replayCallback) {
    return plugin.onLogOf(
        persistenceId,
        log -> {
          QueueKey events = PersistenceQueues.events(persistenceId);
          long deletedTo = EventDeletions.deletedTo(log, persistenceId);
          long fromOffset = Math.max(fromSequenceNr - 1, deletedTo);
          long lastOffset = Math.min(toSequenceNr, log.committedEnd(events));
          long endOffset = max < lastOffset - fromOffset ? fromOffset + max : lastOffset;
          return replayCarried(log, persistenceId, fromOffset, endOffset, replayCallback)
              .thenCompose(from -> replay(log, events, from, endOffset, replayCallback));
        });
  }

  @Override
  public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
    return plugin.onLogOf(
        persistenceId,
        log ->
            CompletableFuture.completedStage(
                log.committedEnd(PersistenceQueues.events(persistenceId))));
  }

  /** Replays the events that are only there as copies; returns the offset of the next one. */
  private CompletionStage<Long> replayCarried(
      PersistenceLog log,
      String persistenceId,
      long fromOffset,
      long endOffset,
      Consumer<PersistentRepr> replayCallback) {
    long end = Math.min(endOffset, log.firstOffset(PersistenceQueues.events(persistenceId)));
    if (fromOffset >= end) {
      return CompletableFuture.completedStage(fromOffset);
    }
    return CarriedEvents.read(log, persistenceId, fromOffset + 1, end)
        .thenApply(
            carried -> {
              if (carried.size() < end - fromOffset) {
                throw new PersistenceRefusedException(
                    "%s has lost some of its events %d to %d, which nobody deleted"
                        .formatted(persistenceId, fromOffset + 1, end));
              }
              carried
                  .values()
                  .forEach(
                      bytes ->
                          replayCallback.accept(plugin.fromBytes(bytes, PersistentRepr.class)));
              return end;
            });
  }

  private CompletionStage<@Nullable Void> replay(
      PersistenceLog log,
      QueueKey events,
      long fromOffset,
      long endOffset,
      Consumer<PersistentRepr> replayCallback) {
    return log.visitAll(
        events,
        fromOffset,
        endOffset,
        (offset, body) -> {
          byte[] bytes = new byte[body.remaining()];
          body.get(bytes);
          PersistentRepr event = plugin.fromBytes(bytes, PersistentRepr.class);
          requireSame(events, event.sequenceNr() - 1, offset);
          replayCallback.accept(event);
        });
  }

  private static PersistentRepr untagged(PersistentRepr event) {
    return event.payload() instanceof Tagged tagged ? event.withPayload(tagged.payload()) : event;
  }

  private static void requireNext(PersistenceLog log, QueueKey events, long offset) {
    long next = log.committedEnd(events);
    if (offset != next) {
      throw new PersistenceRefusedException(
          events.topic()
              + ": event "
              + (offset + 1)
              + " can't follow event "
              + next
              + "; another actor with this persistence id writes, too");
    }
  }

  private static void requireSame(QueueKey events, long expectedOffset, long offset) {
    if (offset != expectedOffset) {
      throw new PersistenceRefusedException(
          events.topic()
              + ": event "
              + (expectedOffset + 1)
              + " is stored as event "
              + (offset + 1));
    }
  }
}
