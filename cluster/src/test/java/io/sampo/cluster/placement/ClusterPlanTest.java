package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.cluster.protocol.ReplicaId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
  private static final ReplicaId A = new ReplicaId("a", 1);
  private static final ReplicaId B = new ReplicaId("b", 2);
  private static final ReplicaId C = new ReplicaId("c", 3);

  @Test
  void logGroupsBeginOnARingOfTheNodes() {
    ClusterPlan plan = ClusterPlan.founding("id", List.of(C, A, B), 2, 1);

    assertThat(plan.logGroups())
        .containsExactly(
            new LogGroupPlan("broker-0", List.of(A, B), List.of()),
            new LogGroupPlan("broker-1", List.of(B, C), List.of()),
            new LogGroupPlan("broker-2", List.of(C, A), List.of()));
    assertThat(plan.founders()).containsExactly(A, B, C);
    assertThat(plan.logGroupsOf(A))
        .extracting(LogGroupPlan::name)
        .containsExactly("broker-0", "broker-2");
  }

  @Test
  void thereAreNoMoreReplicasThanNodes() {
    ClusterPlan plan = ClusterPlan.founding("id", List.of(A, B), 3, 2);

    assertThat(plan.logGroupNames())
        .containsExactly("broker-0", "broker-1", "broker-2", "broker-3");
    assertThat(plan.logGroups()).allMatch(group -> group.voters().size() == 2);
    assertThat(plan.logGroup("broker-2")).isEqualTo(plan.logGroups().get(2));
    assertThat(plan.logGroup("broker-4")).isNull();
  }

  @Test
  void everyNodeBeginsAsLeaderOfAsManyLogGroups() {
    ClusterPlan plan = ClusterPlan.founding("id", List.of(A, B, C), 3, 2);

    assertThat(plan.logGroups().stream().map(group -> group.voters().get(0)))
        .containsExactlyInAnyOrder(A, A, B, B, C, C);
  }

  @Test
  void aNameIsThereOnce() {
    LogGroupPlan one = new LogGroupPlan("broker-0", List.of(A), List.of());

    assertThatThrownBy(() -> new ClusterPlan("id", List.of(one, one)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
