package io.sampo.cluster.forming;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.forming.FoundingMessage.Accept;
import io.sampo.cluster.forming.FoundingMessage.Ask;
import io.sampo.cluster.forming.FoundingMessage.Founded;
import io.sampo.cluster.forming.FoundingMessage.Prepare;
import io.sampo.cluster.forming.SimulatedFounding.Mistake;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.protocol.ReplicaId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FoundingTest {
  private static final int SEEDS = 1000;

  @Test
  void neverAreTwoPlansFoundedAndInTheEndAllKnowTheOne() throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SimulatedFounding founding = new SimulatedFounding(seed, Mistake.NONE);

      Set<ClusterPlan> plans = founding.run();

      assertThat(plans).as("seed %d", seed).hasSize(1);
      assertThat(founding.allKnowThePlan()).as("all know it, seed %d", seed).isTrue();
    }
  }

  @Test
  void theSimulationFindsNodesThatForgetTheirPromises() throws IOException {
    assertThat(seedsWithTwoPlans(Mistake.FORGETS_PROMISES)).isPositive();
  }

  @Test
  void theSimulationFindsHalvesThatFoundClusters() throws IOException {
    assertThat(seedsWithTwoPlans(Mistake.EVERYBODY_IS_THE_MAJORITY)).isPositive();
  }

  private static int seedsWithTwoPlans(Mistake mistake) throws IOException {
    int found = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      if (new SimulatedFounding(seed, mistake).run().size() > 1) {
        found++;
      }
    }
    return found;
  }

  private static final class Memory implements Founding.Store {
    FoundingState state = FoundingState.NEW;

    @Override
    public FoundingState state() {
      return state;
    }

    @Override
    public void write(FoundingState next) {
      state = next;
    }
  }

  private record Sent(String to, FoundingMessage message) {}

  private final Memory memory = new Memory();
  private final List<Sent> sent = new ArrayList<>();
  private final ReplicaId self = new ReplicaId("a", 1);
  private final Founding founding =
      new Founding(
          "A",
          self,
          new FoundingRules(List.of("A", "B", "C"), 3, 3, 1),
          memory,
          (to, message) -> sent.add(new Sent(to, message)),
          () -> "drawn");

  @Test
  void nothingIsFoundedByFewerThanWereStated() throws IOException {
    for (int i = 0; i < 100; i++) {
      founding.tick(List.of("A", "B"));
    }

    assertThat(sent).extracting(Sent::message).containsOnly(new Ask("A"));
    assertThat(founding.waitsFor()).contains("3 nodes");
  }

  @Test
  void aNodeKeepsItsOwnPromiseBeforeItAsksForAnother() throws IOException {
    founding.tick(List.of("A", "B", "C"));

    assertThat(memory.state.promised()).isEqualTo(new Ballot(1, "a"));
    assertThat(sent)
        .contains(
            new Sent("B", new Prepare("A", new Ballot(1, "a"))),
            new Sent("A", new Prepare("A", new Ballot(1, "a"))));
  }

  @Test
  void whoKnowsThePlanTellsItWhateverIsAsked() throws IOException {
    ClusterPlan plan = ClusterPlan.founding("id", List.of(self), 1, 1);
    founding.receive(new Founded("B", plan));

    founding.receive(new Prepare("C", new Ballot(9, "c")));
    founding.receive(new Ask("D"));

    assertThat(founding.plan()).isEqualTo(plan);
    assertThat(sent)
        .containsExactly(
            new Sent("C", new Founded("A", plan)), new Sent("D", new Founded("A", plan)));
  }

  @Test
  void thePlanOfAnotherClusterIsNoticedAndChangesNothing() throws IOException {
    ClusterPlan mine = ClusterPlan.founding("mine", List.of(self), 1, 1);
    ClusterPlan other = ClusterPlan.founding("other", List.of(self), 1, 1);
    founding.receive(new Founded("B", mine));

    founding.receive(new Founded("B", other));

    assertThat(founding.plan()).isEqualTo(mine);
    assertThat(founding.foreign()).isEqualTo(other);
  }

  @Test
  void aPlanWithoutThisNodeIsNotItsToAccept() throws IOException {
    ClusterPlan others =
        ClusterPlan.founding("id", List.of(new ReplicaId("b", 1), new ReplicaId("a", 2)), 1, 1);

    founding.receive(new Accept("B", new Proposal(new Ballot(1, "b"), others)));

    assertThat(sent).isEmpty();
    assertThat(memory.state.accepted()).isNull();
  }
}
