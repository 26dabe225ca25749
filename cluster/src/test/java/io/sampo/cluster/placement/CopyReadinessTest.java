package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicaStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyReadinessTest {
  private static final Set<String> NODES = Set.of("a", "b", "c");
  private static final long MIB = 1 << 20;

  @Test
  void whoHasNearlyAllIsAsGoodAsWhoHasAll() {
    assertThat(
            CopyReadiness.furthest(
                NODES, Map.of("a", status("a", 4, 9 * MIB), "b", status("b", 4, 10 * MIB))))
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void whoLacksMoreOrANewerEpochIsNot() {
    assertThat(
            CopyReadiness.furthest(
                NODES,
                Map.of(
                    "a", status("a", 4, 9 * MIB - 1),
                    "b", status("b", 4, 10 * MIB),
                    "c", status("c", 3, 20 * MIB))))
        .containsExactly("b");
  }

  @Test
  void whoIsBeingRepairedHasNoVote() {
    ReplicaStatus repairing =
        new ReplicaStatus(
            new ReplicaId("a", 1),
            null,
            0,
            0,
            4,
            true,
            0,
            0,
            4,
            99 * MIB,
            membership(),
            0,
            List.of());

    assertThat(CopyReadiness.furthest(NODES, Map.of("a", repairing, "b", status("b", 4, MIB))))
        .containsExactly("b");
  }

  @Test
  void withoutAnyAnswerAllMayBe() {
    assertThat(CopyReadiness.furthest(NODES, Map.of())).isEqualTo(NODES);
  }

  @Test
  void aMajorityOfTheVotersMustHearNobody() {
    long max = CopyReadiness.LEADER_SILENT_MAX.toMillis();
    assertThat(CopyReadiness.hearNoLeader(List.of())).isFalse();
    assertThat(CopyReadiness.hearNoLeader(List.of(silent("b", max)))).isFalse();
    assertThat(CopyReadiness.hearNoLeader(List.of(silent("b", max), silent("c", max - 1))))
        .isFalse();
    assertThat(CopyReadiness.hearNoLeader(List.of(silent("b", max), silent("c", max)))).isTrue();
    assertThat(CopyReadiness.hearNoLeader(List.of(silent("b", max), silent("learner", max))))
        .isFalse();
  }

  @Test
  void theNewestLeaderIsStalledOrNoneIs() {
    Duration max = CopyReadiness.LEADER_STALLED_MAX;
    ReplicaStatus leader = voter("a", max.toMillis(), 4, false, 5 * MIB);
    ReplicaStatus follower = voter("b", 0, 4, false, 4 * MIB);
    assertThat(Successors.stalled(List.of(), max)).isNull();
    assertThat(Successors.stalled(List.of(follower, leader), max)).isEqualTo(leader);
    assertThat(Successors.stalled(List.of(leader, voter("b", 0, 5, false, 4 * MIB)), max))
        .as("somebody has promised more since")
        .isNull();
    assertThat(
            Successors.stalled(
                List.of(voter("a", max.toMillis() - 1, 4, false, 5 * MIB), follower), max))
        .isNull();
  }

  @Test
  void whoFollowsAStalledLeaderHasAllThatIsCommittedAndVotes() {
    ReplicaStatus leader = voter("a", 9_000, 4, false, 5 * MIB); // committed: the first 3
    ReplicaStatus near = voter("b", 0, 4, false, 3 * MIB);
    ReplicaStatus behind = voter("c", 0, 4, false, 3 * MIB - 1);
    ReplicaStatus repairing = voter("c", 0, 4, true, 5 * MIB);
    ReplicaStatus learner = voter("learner", 0, 4, false, 5 * MIB);

    assertThat(Successors.candidates(leader, List.of(leader, near, behind, repairing, learner)))
        .containsExactly(near);
  }

  private static ReplicaStatus voter(
      String node, long stalledMs, long epoch, boolean repairing, long end) {
    return new ReplicaStatus(
        new ReplicaId(node, 1),
        null,
        0,
        stalledMs,
        epoch,
        repairing,
        0,
        3 * MIB,
        epoch,
        end,
        three(),
        0,
        List.of());
  }

  private static Membership three() {
    return Membership.ofVoters(
        List.of(new ReplicaId("a", 1), new ReplicaId("b", 1), new ReplicaId("c", 1)));
  }

  private static ReplicaStatus silent(String node, long leaderSilentMs) {
    return new ReplicaStatus(
        new ReplicaId(node, 1),
        new ReplicaId("a", 1),
        leaderSilentMs,
        0,
        4,
        false,
        0,
        0,
        4,
        MIB,
        three(),
        0,
        List.of());
  }

  private static ReplicaStatus status(String node, long lastEpoch, long end) {
    return new ReplicaStatus(
        new ReplicaId(node, 1),
        null,
        0,
        0,
        lastEpoch,
        false,
        0,
        0,
        lastEpoch,
        end,
        membership(),
        0,
        List.of());
  }

  private static Membership membership() {
    return Membership.ofVoters(List.of(new ReplicaId("a", 1), new ReplicaId("b", 1)));
  }
}
