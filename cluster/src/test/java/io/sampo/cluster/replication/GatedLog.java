package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.RecordPlace;
import java.io.IOException;

/** A log whose flushes pass a gate, as on a disk that stands still for a while. */
final class GatedLog implements ReplicaLog {
  private final ReplicaLog log;
  private final ScriptedReplicaLog.Gate flushes;

  GatedLog(ReplicaLog log, ScriptedReplicaLog.Gate flushes) {
    this.log = log;
    this.flushes = flushes;
  }

  @Override
  public LogReader reader() {
    return log.reader();
  }

  @Override
  public LogOutline outline() {
    return log.outline();
  }

  @Override
  public Pledge pledge() {
    return log.pledge();
  }

  @Override
  public void persist(Pledge pledge) throws IOException {
    log.persist(pledge);
  }

  @Override
  public void beginEpoch(long epoch) throws IOException {
    log.beginEpoch(epoch);
  }

  @Override
  public void appendMembership(Membership membership) throws IOException {
    log.appendMembership(membership);
  }

  @Override
  public void appendFrames(Frames frames) throws IOException {
    log.appendFrames(frames);
  }

  @Override
  public Frames readFrames(long position, long end, int bytesMax) throws IOException {
    return log.readFrames(position, end, bytesMax);
  }

  @Override
  public void giveUp(CorruptLogException damage) throws IOException {
    log.giveUp(damage);
  }

  @Override
  public void cutTo(long position) throws IOException {
    log.cutTo(position);
  }

  @Override
  public void resetTo(LogBase base) throws IOException {
    log.resetTo(base);
  }

  @Override
  public void dropBelow(long position) throws IOException {
    log.dropBelow(position);
  }

  @Override
  public long agreedStart(long committedPosition, long nowMs) {
    return log.agreedStart(committedPosition, nowMs);
  }

  @Override
  public int sizeOf(MessageDraft draft) {
    return log.sizeOf(draft);
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
    flushes.pass();
    log.flush();
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
