package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.placement.LeaderPlacement.Candidates;
import io.sampo.cluster.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeaderPlacementTest {
  @Test
  void theFirstVoterIsPreferredWhateverItLeadsAlready() {
    assertThat(
            LeaderPlacement.choose(
                new Candidates(List.of("a", "b"), Set.of("a", "b")), Map.of("a", 5)))
        .isEqualTo("a");
  }

  @Test
  void inItsPlaceComesTheVoterThatLeadsTheFewest() {
    Candidates withoutFirst = new Candidates(List.of("a", "b", "c"), Set.of("b", "c"));

    assertThat(LeaderPlacement.choose(withoutFirst, Map.of("b", 2, "c", 1))).isEqualTo("c");
    assertThat(LeaderPlacement.choose(withoutFirst, Map.of("b", 1, "c", 1))).isEqualTo("b");
  }

  @Test
  void aLogGroupIsLedOnlyWhereItHasAVoter() {
    assertThat(LeaderPlacement.choose(new Candidates(List.of("a"), Set.of()), Map.of())).isNull();
  }

  /** Nodes come and go in any order; the coordinator does what it is told, one move at a time. */
  @Test
  void leadersAreAlwaysOnVotersAndGoBackToEvenOnceAllNodesAreThere() {
    for (long seed = 1; seed <= 2000; seed++) {
      Model model = new Model(new Random(seed));
      for (int step = 0; step < 60; step++) {
        model.changeSomething();
        model.work(model.random.nextInt(4));
        model.check(seed);
      }
      model.present.addAll(model.nodes);
      model.work(200);
      model.check(seed);
      assertThat(LeaderPlacement.moves(model.ledOn, model.candidates()))
          .as("it comes to rest, seed %d", seed)
          .isEmpty();
      for (LogGroupPlan group : model.plan.logGroups()) {
        assertThat(model.ledOn.get(group.name()))
            .as("%s, seed %d", group.name(), seed)
            .isEqualTo(group.voters().get(0).node());
      }
    }
  }

  /** What the coordinator of sharding would do. */
  private static final class Model {
    final Random random;
    final List<String> nodes = new ArrayList<>();
    final ClusterPlan plan;
    final Set<String> present = new HashSet<>();
    final Map<String, String> ledOn = new TreeMap<>();

    Model(Random random) {
      this.random = random;
      List<ReplicaId> founders = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(6); i++) {
        nodes.add("n" + i);
        founders.add(new ReplicaId("n" + i, i));
      }
      this.plan =
          ClusterPlan.founding("id", founders, 1 + random.nextInt(3), 1 + random.nextInt(2));
      present.addAll(nodes);
    }

    void changeSomething() {
      String node = nodes.get(random.nextInt(nodes.size()));
      if (!present.remove(node)) {
        present.add(node);
      } else {
        ledOn.values().removeIf(node::equals);
      }
    }

    Map<String, Candidates> candidates() {
      Map<String, Candidates> candidates = new HashMap<>();
      for (LogGroupPlan group : plan.logGroups()) {
        List<String> voters = group.voters().stream().map(ReplicaId::node).toList();
        Set<String> ready = new HashSet<>(voters);
        ready.retainAll(present);
        candidates.put(group.name(), new Candidates(voters, ready));
      }
      return candidates;
    }

    void work(int moves) {
      place();
      for (int i = 0; i < moves; i++) {
        List<LeaderPlacement.Move> wanted = LeaderPlacement.moves(ledOn, candidates());
        if (wanted.isEmpty()) {
          return;
        }
        // The first ones may not be possible yet.
        LeaderPlacement.Move move = wanted.get(random.nextInt(wanted.size()));
        assertThat(ledOn.remove(move.logGroup())).isEqualTo(move.from()).isNotEqualTo(move.to());
        place();
        assertThat(ledOn.get(move.logGroup())).isEqualTo(move.to());
      }
    }

    private void place() {
      List<String> groups = new ArrayList<>(plan.logGroupNames());
      Collections.shuffle(groups, random);
      for (String group : groups) {
        if (!ledOn.containsKey(group)) {
          Candidates mayLead =
              candidates().getOrDefault(group, new Candidates(List.of(), Set.of()));
          String node = LeaderPlacement.choose(mayLead, LeaderPlacement.leads(ledOn));
          if (node != null) {
            ledOn.put(group, node);
          }
        }
      }
    }

    void check(long seed) {
      candidates()
          .forEach(
              (group, mayLead) -> {
                String leader = ledOn.get(group);
                if (leader == null) {
                  assertThat(mayLead.ready()).as("%s, seed %d", group, seed).isEmpty();
                } else {
                  assertThat(mayLead.ready()).as("%s, seed %d", group, seed).contains(leader);
                }
              });
    }
  }
}
