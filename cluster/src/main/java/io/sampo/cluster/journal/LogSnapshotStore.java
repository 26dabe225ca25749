package io.sampo.cluster.journal;

import io.sampo.record.QueueKey;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.jspecify.annotations.Nullable;
import scala.concurrent.Future;

/**
 * The Pekko Persistence snapshot store on the commit log: {@code
 * pekko.persistence.snapshot-store.plugin = sampo.snapshot-store}. The snapshots of a persistence
 * id are a queue ({@link PersistenceQueues}), the newest one has the highest sequence number.
 * Nothing in a log can be taken back, so a deletion is a record, too: the newest one of a second
 * queue names all snapshots that are deleted. The space comes back when the log's old segments go.
 */
public final class LogSnapshotStore extends SnapshotStore {
  private final PersistencePlugin plugin = new PersistencePlugin(context().system());

  /** Called by Pekko. */
  public LogSnapshotStore() {}

  @Override
  public Future<Optional<SelectedSnapshot>> doLoadAsync(
      String persistenceId, SnapshotSelectionCriteria criteria) {
    return plugin.onLogOf(
        persistenceId,
        log -> {
          long newest = NewestSnapshot.offset(log, persistenceId, matching(criteria));
          return CompletableFuture.completedStage(
              newest < 0 ? Optional.empty() : Optional.of(load(log, persistenceId, newest)));
        });
  }

  @Override
  public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
    byte[] body = SnapshotRecord.encode(plugin, metadata, snapshot);
    return plugin.onLogOf(
        metadata.persistenceId(),
        log ->
            log.append(PersistenceQueues.snapshots(metadata.persistenceId()), List.of(body))
                .thenApply(offset -> null));
  }

  @Override
  public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
    // A deletion by sequence number alone comes without a timestamp.
    return delete(
        metadata.persistenceId(),
        (sequenceNr, timestampMs) ->
            sequenceNr == metadata.sequenceNr()
                && (metadata.timestamp() == 0 || metadata.timestamp() == timestampMs));
  }

  @Override
  public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
    return delete(persistenceId, matching(criteria));
  }

  private Future<Void> delete(String persistenceId, NewestSnapshot.Selection unwanted) {
    return plugin.onLogOf(
        persistenceId,
        log -> {
          QueueKey snapshots = PersistenceQueues.snapshots(persistenceId);
          OffsetRanges before = NewestSnapshot.deleted(log, persistenceId);
          OffsetRanges after = before;
          long end = log.committedEnd(snapshots);
          for (long offset = log.firstOffset(snapshots); offset < end; offset++) {
            if (!before.contains(offset) && matches(log, snapshots, offset, unwanted)) {
              after = after.plus(offset);
            }
          }
          return after == before
              ? CompletableFuture.<@Nullable Void>completedStage(null)
              : store(log, persistenceId, after);
        });
  }

  private SelectedSnapshot load(PersistenceLog log, String persistenceId, long offset) {
    byte[] body = log.read(PersistenceQueues.snapshots(persistenceId), offset);
    if (body == null) {
      throw new PersistenceRefusedException(
          persistenceId + ": the snapshot at offset " + offset + " went while it was loaded");
    }
    return SelectedSnapshot.create(
        SnapshotRecord.metadata(plugin, persistenceId, body), SnapshotRecord.state(plugin, body));
  }

  private static boolean matches(
      PersistenceLog log, QueueKey snapshots, long offset, NewestSnapshot.Selection selection) {
    boolean[] matches = new boolean[1];
    log.visit(
        snapshots,
        offset,
        (at, body) ->
            matches[0] =
                selection.matches(SnapshotRecord.sequenceNr(body), SnapshotRecord.timestamp(body)));
    return matches[0];
  }

  private static CompletionStage<@Nullable Void> store(
      PersistenceLog log, String persistenceId, OffsetRanges deleted) {
    return log.append(
            PersistenceQueues.snapshotDeletions(persistenceId),
            List.of(NewestSnapshot.encode(deleted)))
        .thenApply(offset -> null);
  }

  private static NewestSnapshot.Selection matching(SnapshotSelectionCriteria criteria) {
    return (sequenceNr, timestampMs) ->
        sequenceNr >= criteria.minSequenceNr()
            && sequenceNr <= criteria.maxSequenceNr()
            && timestampMs >= criteria.minTimestamp()
            && timestampMs <= criteria.maxTimestamp();
  }
}
