package io.sampo.cluster.placement;

import io.sampo.cluster.placement.MembershipStep.Copy;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicaStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges the copies of a log group, from what its leader and their nodes say. Remembers which were
 * just opened, so that they aren't taken for lost before their nodes have told everybody of them.
 * The {@link ReplicaPlacer}'s thread only.
 */
final class KnownCopies {
  /** How long a replica that was opened may be unknown to the board. */
  private static final long OPENED_UNKNOWN_MS = 10_000;

  private final ReplicaBoard board;
  private final NodeStandings standings;
  private final Map<ReplicaId, Long> openedMs = new HashMap<>();

  /** Since when a log group's replica is known to have failed. */
  private final Map<Failed, Long> failedMs = new HashMap<>();

  private record Failed(String logGroup, ReplicaId replica) {}

  private long nowMs;
  private long replaceAfterMs;

  KnownCopies(ReplicaBoard board, NodeStandings standings) {
    this.board = board;
    this.standings = standings;
  }

  void opened(ReplicaId replica, long nowMs) {
    openedMs.put(replica, nowMs);
  }

  boolean isJustOpened(ReplicaId replica) {
    return openedMs.containsKey(replica);
  }

  /** To be called before looking at all log groups. */
  void look(long now, long replaceAfter) {
    nowMs = now;
    replaceAfterMs = replaceAfter;
    openedMs.values().removeIf(at -> now - at > OPENED_UNKNOWN_MS);
    failedMs.keySet().removeIf(known -> !isFailed(known.logGroup(), known.replica()));
  }

  private boolean isFailed(String logGroup, ReplicaId replica) {
    NodeReplicas said = board.node(replica.node());
    NodeReplicas.View view = said == null ? null : said.view(logGroup);
    return view != null && view.replica().equals(replica) && view.failed();
  }

  /** A replica whose log failed is waited for as long as a node that is away. */
  private Copy failed(String logGroup, ReplicaId replica) {
    long since = failedMs.computeIfAbsent(new Failed(logGroup, replica), first -> nowMs);
    return nowMs - since >= replaceAfterMs ? Copy.LOST : Copy.WEAK;
  }

  /** A log group as its leader sees it. */
  MembershipStep.Group view(
      String logGroup, PlacedGroup group, ReplicaStatus status, Map<String, NodeStanding> nodes) {
    Map<ReplicaId, Copy> copies = new HashMap<>();
    ReplicaStatus before = group.before;
    long commitBefore =
        before == null || before.epoch() != status.epoch() ? status.commit() : before.commit();
    copies.put(status.replica(), Copy.WORKS);
    status
        .copies()
        .forEach(
            copy -> {
              boolean hasAll = copy.caughtUp() || (copy.held() > 0 && copy.held() >= commitBefore);
              NodeStanding standing = nodes.getOrDefault(copy.replica().node(), NodeStanding.AWAY);
              copies.put(
                  copy.replica(), copyOf(logGroup, group.wanted, copy.replica(), standing, hasAll));
            });
    return new MembershipStep.Group(
        status.membership(), status.isMembershipCommitted(), status.replica(), copies);
  }

  private Copy copyOf(
      String logGroup,
      @Nullable List<String> wanted,
      ReplicaId replica,
      NodeStanding standing,
      boolean hasAll) {
    String node = replica.node();
    NodeReplicas said = board.node(node);
    if (standings.isReachable(node) && said != null) {
      if (!said.has(logGroup, replica)) {
        return isJustOpened(replica) ? Copy.WEAK : Copy.LOST;
      }
      if (isFailed(logGroup, replica)) {
        return failed(logGroup, replica);
      }
      return hasAll ? Copy.WORKS : Copy.WEAK;
    }
    boolean isOver = standing == NodeStanding.GIVEN_UP || standing == NodeStanding.LEAVING;
    return isOver && wanted != null && !wanted.contains(node) ? Copy.LOST : Copy.WEAK;
  }
}
