package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** One log group for each node that joins, decided once, whoever proposes what how often. */
final class LogGroupGrowthTest {
  private static final int SEEDS = 2_000;
  private static final int REPLICAS = 3;
  private static final List<NodeStanding> STANDINGS = List.of(NodeStanding.values());

  private static ClusterPlan founding(int nodes) {
    List<ReplicaId> founders = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      founders.add(replica("n" + i));
    }
    return ClusterPlan.founding("cluster", founders, REPLICAS, 1);
  }

  private static ReplicaId replica(String node) {
    return new ReplicaId(node, node.hashCode());
  }

  private static SortedMap<String, NodeStanding> up(int count) {
    SortedMap<String, NodeStanding> nodes = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      nodes.put("n" + i, NodeStanding.UP);
    }
    return nodes;
  }

  private static SortedMap<String, List<String>> wanted(ClusterPlan plan) {
    SortedMap<String, List<String>> wanted = new TreeMap<>();
    for (LogGroupPlan logGroup : plan.logGroups()) {
      wanted.put(logGroup.name(), logGroup.voters().stream().map(ReplicaId::node).toList());
    }
    return wanted;
  }

  @Test
  void aNodeThatJoinsIsTheFirstOfOneMore() {
    List<String> founders = LogGroupGrowth.next(wanted(founding(3)), up(4), REPLICAS);

    assertThat(founders).hasSize(3).doesNotHaveDuplicates().startsWith("n3");
  }

  @Test
  void thereAreEnoughWhenEachHasOne() {
    assertThat(LogGroupGrowth.next(wanted(founding(3)), up(3), REPLICAS)).isNull();
  }

  @Test
  void whoTakesThePlaceOfOneThatLeavesLeadsWhatThatHasLed() {
    SortedMap<String, NodeStanding> nodes = up(4);
    nodes.put("n1", NodeStanding.LEAVING);

    assertThat(LogGroupGrowth.next(wanted(founding(3)), nodes, REPLICAS)).isNull();
  }

  @Test
  void nothingIsOpenedWithFewerCopiesThanThereCouldBe() {
    SortedMap<String, NodeStanding> nodes = up(4);
    nodes.put("n1", NodeStanding.AWAY);
    nodes.put("n2", NodeStanding.AWAY);

    assertThat(LogGroupGrowth.next(wanted(founding(3)), nodes, REPLICAS)).isNull();
  }

  @Test
  void oneNodeIsJoinedByOthers() {
    assertThat(LogGroupGrowth.next(wanted(founding(1)), up(2), REPLICAS))
        .containsExactly("n1", "n0");
  }

  /** A cluster in which whoever places replicas may know little, or be two, and be told late. */
  private static final class Model {
    final ClusterPlan founding;
    final List<CharterEvent> journal = new ArrayList<>();
    final List<LogGroupPlan> wishes = new ArrayList<>();
    final SortedMap<String, NodeStanding> nodes;
    final Random random;
    private Charter charter = Charter.EMPTY;
    private Charter stale = Charter.EMPTY;
    private int stayingMost;

    Model(long seed) {
      random = new Random(seed);
      int nodeCount = 1 + random.nextInt(4);
      founding = founding(nodeCount);
      nodes = up(nodeCount);
      stayingMost = nodeCount;
    }

    void step() {
      switch (random.nextInt(8)) {
        case 0 -> nodes.put("n" + random.nextInt(10), NodeStanding.UP);
        case 1 -> {
          if (random.nextInt(3) == 0) {
            nodes.put("n" + random.nextInt(10), standing());
          }
        }
        case 2 -> stale = charter;
        case 3 -> recover();
        case 4 -> propose(stale);
        case 5 -> propose(charter);
        default -> deliver();
      }
      stayingMost =
          Math.max(
              stayingMost,
              (int)
                  nodes.values().stream()
                      .filter(
                          standing -> standing == NodeStanding.UP || standing == NodeStanding.AWAY)
                      .count());
    }

    private NodeStanding standing() {
      return STANDINGS.get(random.nextInt(STANDINGS.size()));
    }

    /** The keeper of the charter begins anew, on whatever node. */
    private void recover() {
      charter = Charter.EMPTY;
      journal.forEach(event -> charter = charter.apply(event));
    }

    private void propose(Charter known) {
      ClusterPlan plan = known.planOf(founding);
      SortedMap<String, List<String>> wanted =
          ReplicaPlacement.decide(wanted(plan), nodes, REPLICAS);
      List<String> founders = LogGroupGrowth.next(wanted, nodes, REPLICAS);
      if (founders != null) {
        wishes.add(
            new LogGroupPlan(
                ClusterPlan.logGroupName(plan.logGroups().size()),
                founders.stream().map(LogGroupGrowthTest::replica).collect(Collectors.toList()),
                List.of()));
      }
    }

    /** In any order, twice, or never. */
    private void deliver() {
      if (!wishes.isEmpty()) {
        LogGroupPlan wish = wishes.get(random.nextInt(wishes.size()));
        if (random.nextBoolean()) {
          wishes.remove(wish);
        }
        CharterEvent event = charter.open(founding, wish);
        if (event != null) {
          journal.add(event);
          charter = charter.apply(event);
        }
      }
    }

    void check(String told) {
      List<String> names = charter.planOf(founding).logGroupNames();
      for (int i = 0; i < names.size(); i++) {
        assertThat(names.get(i)).as(told).isEqualTo("broker-" + i);
      }
      assertThat(names.size()).as(told).isLessThanOrEqualTo(stayingMost);
      assertThat(charter.opened().subList(0, stale.opened().size()))
          .as("%s: what was decided stays", told)
          .isEqualTo(stale.opened());
    }

    /** All that is on its way arrives, and everybody who is away is back. */
    void heal() {
      nodes.replaceAll((node, standing) -> NodeStanding.UP);
      wishes.clear();
      for (int i = 0; i < 20; i++) {
        propose(charter);
        while (!wishes.isEmpty()) {
          deliver();
        }
      }
    }
  }

  @Test
  void eachNodeHasOneToLeadInTheEndAndNoneWasDecidedTwice() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Model model = new Model(seed);
      for (int step = 0; step < 60; step++) {
        model.step();
        model.check("seed %d, step %d".formatted(seed, step));
      }
      model.heal();
      Map<String, List<String>> placed =
          ReplicaPlacement.decide(
              wanted(model.charter.planOf(model.founding)), model.nodes, REPLICAS);
      assertThat(placed.size())
          .as("seed %d: %s on %s", seed, placed, model.nodes)
          .isGreaterThanOrEqualTo(model.nodes.size());
      assertThat(LogGroupGrowth.next(placed, model.nodes, REPLICAS)).as("seed %d", seed).isNull();
      for (LogGroupPlan opened : model.charter.opened()) {
        assertThat(opened.voters()).as("seed %d", seed).doesNotHaveDuplicates();
      }
    }
  }

  /** Who proposes must look at what there is: this is what the model is to notice. */
  @Test
  void aKeeperThatTakesWhateverItIsToldWouldBeFound() {
    Charter charter = Charter.EMPTY;
    ClusterPlan founding = founding(3);
    LogGroupPlan first = new LogGroupPlan("broker-3", List.of(replica("n3")), List.of());
    LogGroupPlan other = new LogGroupPlan("broker-3", List.of(replica("n4")), List.of());

    CharterEvent event = charter.open(founding, first);
    assertThat(event).isNotNull();
    Charter decided = charter.apply(event);

    assertThat(decided.open(founding, other)).as("another of that name").isNull();
    assertThat(decided.open(founding, first)).as("the same again").isNull();
    assertThat(charter.open(founding, new LogGroupPlan("broker-5", first.voters(), List.of())))
        .as("not the next")
        .isNull();
    assertThat(decided.planOf(founding).logGroup("broker-3")).isEqualTo(first);
  }
}
