package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicaStatus;
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
            new ReplicaId("a", 1), null, 0, 4, true, 0, 0, 4, 99 * MIB, membership(), 0, List.of());

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

  private static ReplicaStatus silent(String node, long leaderSilentMs) {
    Membership three =
        Membership.ofVoters(
            List.of(new ReplicaId("a", 1), new ReplicaId("b", 1), new ReplicaId("c", 1)));
    return new ReplicaStatus(
        new ReplicaId(node, 1),
        new ReplicaId("a", 1),
        leaderSilentMs,
        4,
        false,
        0,
        0,
        4,
        MIB,
        three,
        0,
        List.of());
  }

  private static ReplicaStatus status(String node, long lastEpoch, long end) {
    return new ReplicaStatus(
        new ReplicaId(node, 1),
        null,
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
