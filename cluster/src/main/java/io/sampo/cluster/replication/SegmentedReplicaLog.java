package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import java.io.IOException;

/** A replica's files as {@link SegmentedLog} and {@code ReplicaStateFile} keep them. */
final class SegmentedReplicaLog implements ReplicaLog {
  private final SegmentedLog log;

  private SegmentedReplicaLog(SegmentedLog log) {
    this.log = log;
  }

  static SegmentedReplicaLog open(CommitLogSettings settings, String logGroup) throws IOException {
    return new SegmentedReplicaLog(SegmentedLog.open(settings.logSettings(logGroup)));
  }

  @Override
  public LogReader reader() {
    return log;
  }

  @Override
  public long newestEpoch() {
    return log.epoch();
  }

  @Override
  public void promise(long epoch) throws IOException {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public void beginEpoch(long epoch) throws IOException {
    log.beginEpoch(epoch);
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
