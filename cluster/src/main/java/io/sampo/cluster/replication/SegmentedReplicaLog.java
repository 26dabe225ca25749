package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.EpochStart;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.storage.log.LogDirectory;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSettings;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import io.sampo.storage.recovery.ReplicaStateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A replica's files as {@link SegmentedLog} and {@link ReplicaStateFile} keep them, below one
 * folder: the promise in it, the log in {@code log}.
 */
final class SegmentedReplicaLog implements ReplicaLog {
  private final SegmentedLog log;
  private final ReplicaStateFile state;

  private SegmentedReplicaLog(SegmentedLog log, ReplicaStateFile state) {
    this.log = log;
    this.state = state;
  }

  /** Opens the files of a log group, making them when there are none. */
  static SegmentedReplicaLog open(CommitLogSettings settings, String logGroup) throws IOException {
    Path directory = settings.directoryOf(logGroup).toAbsolutePath().normalize();
    LogSettings logSettings = settings.logSettings(logGroup);
    createDurably(logSettings.directory().toAbsolutePath().normalize());
    // The log first: its lock keeps a second process away from the promise, too.
    SegmentedLog log = SegmentedLog.open(logSettings);
    try {
      return new SegmentedReplicaLog(log, ReplicaStateFile.open(directory));
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** Makes a folder whose name is on disk when this returns, and so is every folder above it. */
  private static void createDurably(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null || Files.isDirectory(directory)) {
      return;
    }
    createDurably(parent);
    Files.createDirectories(directory);
    LogDirectory.sync(parent);
  }

  @Override
  public LogReader reader() {
    return log;
  }

  @Override
  public Pledge pledge() {
    return new Pledge(state.promisedEpoch(), state.isRepairing());
  }

  @Override
  public void persist(Pledge pledge) throws IOException {
    state.write(pledge.promisedEpoch(), pledge.repairing());
  }

  @Override
  public void beginEpoch(long epoch) throws IOException {
    log.beginEpoch(epoch);
  }

  @Override
  public LogOutline outline() {
    List<EpochStart> epochs = new ArrayList<>();
    for (int i = 0; i < log.epochs().size(); i++) {
      epochs.add(new EpochStart(log.epochs().epoch(i), log.epochs().startOf(i)));
    }
    return new LogOutline(
        new LogBase(log.startPosition(), 0, Membership.NOBODY),
        log.writtenPosition(),
        epochs,
        List.of());
  }

  @Override
  public void appendMembership(Membership membership) {
    throw new UnsupportedOperationException("one replica has no membership");
  }

  @Override
  public void appendFrames(Frames frames) {
    throw new UnsupportedOperationException("one replica copies nothing");
  }

  @Override
  public Frames readFrames(long position, long end, int bytesMax) {
    throw new UnsupportedOperationException("one replica copies nothing");
  }

  @Override
  public void cutTo(long position) {
    throw new UnsupportedOperationException("one replica cuts nothing");
  }

  @Override
  public void resetTo(LogBase base) {
    throw new UnsupportedOperationException("one replica resets nothing");
  }

  @Override
  public int sizeOf(MessageDraft draft) {
    return MessageRecordWriter.sizeOf(draft);
  }

  @Override
  public int maxGroupBytes() {
    return log.maxGroupBytes();
  }

  @Override
  public void reserve(int sizeBytes) throws IOException {
    log.reserve(sizeBytes);
  }

  @Override
  public void append(MessageDraft draft, long storeTimestampMs, RecordPlace place) {
    log.append(draft, storeTimestampMs, place);
  }

  @Override
  public void endBatch() throws IOException {
    log.endBatch();
  }

  @Override
  public void flush() throws LogFailedException {
    log.flush();
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
