package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.replication.CommitLog.LeadRefused;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.LeadershipEnded;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.storage.log.LogReader;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Who leads through this log, and who wants to. The commit log's thread only.
 *
 * <p>Always holds: who asks is answered once, and who was told that he leads is told once that he
 * no longer does. One asks at a time: who asks later takes the place of who asked before.
 */
final class LeaderSeat {
  private static final long NOT_LED = 0;

  private final LocalLog log;
  private @Nullable ActorRef<LeadReply> leader;
  private @Nullable ActorRef<LeadReply> candidate;
  private long epoch = NOT_LED;

  LeaderSeat(LocalLog log) {
    this.log = log;
  }

  /** The epoch under which the log is led here, 0 when it isn't. */
  long epoch() {
    return epoch;
  }

  boolean isLedUnder(long wanted) {
    return epoch != NOT_LED && epoch == wanted;
  }

  void ask(ActorRef<LeadReply> who) {
    refused("somebody else asked to lead " + log.logGroup());
    candidate = who;
  }

  /** All that the log holds is committed. */
  void won(long wonEpoch, long committedTo) {
    LogReader reader = log.reader();
    epoch = wonEpoch;
    leader = candidate;
    candidate = null;
    log.led(wonEpoch, committedTo);
    if (leader != null) {
      leader.tell(new Leading(wonEpoch, reader));
    }
  }

  void refused(String reason) {
    if (candidate != null) {
      candidate.tell(new LeadRefused(reason));
    }
    candidate = null;
  }

  void ended(String reason) {
    log.leadershipEnded();
    if (leader != null) {
      leader.tell(new LeadershipEnded(epoch, reason));
    }
    leader = null;
    epoch = NOT_LED;
  }

  /** Why a leadership, or the attempt at one, is over; for people. */
  static String text(EndReason reason) {
    return switch (reason) {
      case SUPERSEDED -> "a newer leadership begins";
      case NOT_A_VOTER -> "this replica is no voter of it";
      case REPAIRING -> "this replica's log is being repaired";
      case RESIGNED -> "this replica doesn't stand";
      case NO_MAJORITY -> "no majority of its replicas answers";
      case DISK_FULL -> "the disk is full";
    };
  }
}
