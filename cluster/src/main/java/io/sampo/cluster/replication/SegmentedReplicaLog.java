package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.EpochStart;
import io.sampo.cluster.protocol.Frames;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.LogOutline;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.MembershipMark;
import io.sampo.cluster.protocol.Pledge;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.DamagedEnd;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSettings;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import io.sampo.storage.recovery.LogStart;
import io.sampo.storage.recovery.MembershipEntry;
import io.sampo.storage.recovery.ReplicaStateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's files as {@link SegmentedLog} and {@link ReplicaStateFile} keep them, below one
 * folder: the promise in it, the log in {@code log}, and beside that in {@code set-aside-1} and so
 * on what lay behind damage and was cut off with it.
 */
final class SegmentedReplicaLog implements ReplicaLog {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentedReplicaLog.class);

  private final Path logFolder;
  private final SegmentedLog log;
  private final ReplicaStateFile state;
  private final Repair repair;

  private SegmentedReplicaLog(
      Path logFolder, SegmentedLog log, ReplicaStateFile state, Repair repair) {
    this.logFolder = logFolder;
    this.log = log;
    this.state = state;
    this.repair = repair;
  }

  /** The same of a log group that has no other replica: what lost something is refused. */
  static SegmentedReplicaLog open(CommitLogSettings settings, String logGroup) throws IOException {
    return open(settings, logGroup, membership -> false);
  }

  /**
   * Opens the files of a replica, making them when there are none. When they lost what had been
   * durable, the pledge says that the replica is repairing before the log is cut at the damage; but
   * where there is no other voter to repair it from, it is refused.
   */
  static SegmentedReplicaLog open(CommitLogSettings settings, String logGroup, ReplicaPlan plan)
      throws IOException {
    return open(
        settings,
        logGroup,
        content -> {
          Membership known = membership(content);
          Membership inForce = known.equals(Membership.NOBODY) ? plan.initial() : known;
          return !inForce.voters().equals(List.of(plan.self()));
        });
  }

  /** Says whether a log that lost something may be cut where the damage is. */
  @FunctionalInterface
  private interface Repair {
    /**
     * @param membership in force in front of the damage, as it lies in the log
     */
    boolean isPossible(ByteBuffer membership);
  }

  private static SegmentedReplicaLog open(
      CommitLogSettings settings, String logGroup, Repair repair) throws IOException {
    Path directory = settings.directoryOf(logGroup).toAbsolutePath().normalize();
    LogSettings logSettings = settings.logSettings(logGroup);
    Path logFolder = logSettings.directory().toAbsolutePath().normalize();
    missLostLog(directory, logFolder, repair);
    ReplicaFolder.createDurably(logFolder);
    // The log first: its lock keeps a second process away from the promise, too.
    SegmentedLog log =
        SegmentedLog.open(
            logSettings,
            LogStart.NOTHING,
            (damage, membership) -> {
              if (!repair.isPossible(membership)) {
                throw damage;
              }
              LOG.error("{} lost something and is repaired by the others", logGroup, damage);
              ReplicaStateFile state = ReplicaStateFile.open(directory);
              state.write(state.promisedEpoch(), true);
              keepDamagedEnd(logFolder, damage.position());
            });
    try {
      return new SegmentedReplicaLog(logFolder, log, ReplicaStateFile.open(directory), repair);
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /**
   * A promise of more than nothing was given by a replica that had a log, and by it others may have
   * come to lead, or messages to be acknowledged.
   */
  private static void missLostLog(Path directory, Path logFolder, Repair repair)
      throws IOException {
    ReplicaStateFile state = ReplicaStateFile.open(directory);
    if (state.promisedEpoch() == 0 || ReplicaFolder.hasLog(logFolder)) {
      return;
    }
    String found =
        "%s: expected the log of a replica that has promised epoch %d, found none"
            .formatted(logFolder, state.promisedEpoch());
    if (!repair.isPossible(ByteBuffer.allocate(0))) {
      throw new CorruptLogException(
          found + "; there is no other copy to get it from, so it must be put back");
    }
    LOG.error("{}; it is repaired by the others", found);
    state.write(state.promisedEpoch(), true);
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
    if (log.flushedPosition() < log.writtenPosition()) {
      throw new IllegalStateException(
          "flushed to %d of %d".formatted(log.flushedPosition(), log.writtenPosition()));
    }
    LogStart start = log.start();
    LogBase base = new LogBase(start.position(), start.epoch(), membership(start.membership()));
    List<EpochStart> epochs = new ArrayList<>();
    for (int i = 0; i < log.epochs().size(); i++) {
      if (log.epochs().epoch(i) > base.epoch()) {
        epochs.add(new EpochStart(log.epochs().epoch(i), log.epochs().startOf(i)));
      }
    }
    List<MembershipMark> memberships = new ArrayList<>();
    for (MembershipEntry entry : log.memberships()) {
      memberships.add(new MembershipMark(entry.endPosition(), membership(entry.content())));
    }
    return new LogOutline(base, log.writtenPosition(), epochs, memberships);
  }

  private static Membership membership(ByteBuffer content) {
    return content.hasRemaining() ? MembershipContent.decode(content) : Membership.NOBODY;
  }

  @Override
  public void appendMembership(Membership membership) throws IOException {
    log.appendMembership(MembershipContent.encode(membership));
  }

  @Override
  public void appendFrames(Frames frames) throws IOException {
    log.appendFrames(ReplicaFrames.runOf(frames));
  }

  @Override
  public Frames readFrames(long position, long end, int bytesMax) throws IOException {
    return ReplicaFrames.of(log.readFrames(position, end, bytesMax));
  }

  @Override
  public void giveUp(CorruptLogException damage) throws IOException {
    if (!repair.isPossible(log.membershipBefore(damage.position()))) {
      throw damage;
    }
    state.write(state.promisedEpoch(), true);
    log.endBatch();
    keepDamagedEnd(logFolder, damage.position());
    try {
      log.cutTo(damage.position());
      log.flush();
    } catch (CorruptLogException earlier) {
      if (earlier.position() >= damage.position()) {
        throw earlier;
      }
      giveUp(earlier);
    }
  }

  /**
   * What is behind damage goes with it and comes back from the others, unless they lost theirs. A
   * disk that can't keep it must not be in the way of the repair.
   */
  private static void keepDamagedEnd(Path logFolder, long position) {
    Path kept = ReplicaFolder.newPlaceAside(logFolder);
    try {
      int files = DamagedEnd.keep(logFolder, position, kept);
      if (files > 0) {
        LOG.warn(
            "{}: what lay behind the damage at {} is kept in {} files; delete them once the other"
                + " copies are known to have it",
            kept,
            position,
            files);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.error(
          "{}: what lies behind the damage at {} is dropped without being kept: {}",
          logFolder,
          position,
          String.valueOf(e.getMessage()),
          e);
    }
  }

  @Override
  public void cutTo(long position) throws IOException {
    log.cutTo(position);
  }

  @Override
  public void resetTo(LogBase base) throws IOException {
    log.resetTo(start(base));
  }

  private static LogStart start(LogBase base) {
    return new LogStart(base.position(), base.epoch(), MembershipContent.encode(base.membership()));
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
