package io.sampo.cluster.forming;

import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.protocol.ReplicaId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that found a cluster, in one thread, from a seed: messages are lost, doubled and late,
 * nodes see only some of each other, crash between any two steps and in the middle of a write, and
 * come back with what their disks have.
 */
final class SimulatedFounding {
  private static final int ROUNDS_OF_TROUBLE = 400;
  private static final int ROUNDS_OF_PEACE = 600;

  /** What keeps the rules out of the simulated nodes, for tests of the simulation itself. */
  enum Mistake {
    NONE,
    FORGETS_PROMISES,
    EVERYBODY_IS_THE_MAJORITY
  }

  private static final class Crash extends RuntimeException {
    Crash() {
      super("a simulated crash", null, false, false);
    }
  }

  private record Letter(FoundingMessage message, int round) {}

  /** A node: its disk, and what runs on it now. */
  private final class Node implements Founding.Store {
    final String address;
    final ReplicaId replica;
    FoundingState disk = FoundingState.NEW;
    @Nullable Founding running;
    List<String> sees = List.of();
    final List<Letter> letters = new ArrayList<>();

    Node(int index) {
      this.address = "node" + index;
      this.replica = new ReplicaId("name" + (nodeCount - index), index);
    }

    void start() {
      running =
          new Founding(
              address, replica, rules(this), this, SimulatedFounding.this::send, this::clusterId);
    }

    private String clusterId() {
      return "cluster-" + ++clusterIds;
    }

    @Override
    public FoundingState state() {
      return disk;
    }

    @Override
    public void write(FoundingState state) {
      boolean crashes = trouble && random.nextInt(200) == 0;
      if (!crashes || random.nextBoolean()) {
        disk =
            mistake == Mistake.FORGETS_PROMISES && state.founded() == null
                ? new FoundingState(disk.promised(), state.accepted(), null)
                : state;
      }
      if (crashes) {
        throw new Crash();
      }
    }
  }

  private final Random random;
  private final int nodeCount;
  private final List<String> seeds;
  private final int initialNodes;
  private final Mistake mistake;
  private final Map<String, Node> nodes = new TreeMap<>();
  private int clusterIds;
  private int round;
  private boolean trouble = true;

  SimulatedFounding(long seed, Mistake mistake) {
    this.random = new Random(seed);
    this.mistake = mistake;
    this.nodeCount = 1 + random.nextInt(6);
    int seedCount = 1 + random.nextInt(nodeCount);
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < nodeCount; i++) {
      Node node = new Node(i);
      nodes.put(node.address, node);
      if (i < seedCount) {
        chosen.add(node.address);
      }
    }
    this.seeds = List.copyOf(chosen);
    this.initialNodes = seedCount / 2 + 1 + random.nextInt(nodeCount - seedCount / 2);
  }

  private FoundingRules rules(Node node) {
    return mistake == Mistake.EVERYBODY_IS_THE_MAJORITY
        ? new FoundingRules(List.of(node.address), 1, 3, 1)
        : new FoundingRules(seeds, initialNodes, 3, 1);
  }

  private void send(String to, FoundingMessage message) {
    Node receiver = nodes.get(to);
    int copies = trouble && random.nextInt(10) == 0 ? random.nextInt(3) : 1;
    for (int i = 0; receiver != null && i < copies; i++) {
      receiver.letters.add(new Letter(message, round + random.nextInt(trouble ? 20 : 2)));
    }
  }

  /** Runs it to the end; returns the plans that some node took for its cluster's. */
  Set<ClusterPlan> run() throws IOException {
    nodes.values().forEach(Node::start);
    for (round = 0; round < ROUNDS_OF_TROUBLE + ROUNDS_OF_PEACE; round++) {
      trouble = round < ROUNDS_OF_TROUBLE;
      if (!trouble && allKnowThePlan()) {
        break;
      }
      for (Node node : nodes.values()) {
        step(node);
      }
    }
    Set<ClusterPlan> plans = new HashSet<>();
    for (Node node : nodes.values()) {
      ClusterPlan plan = node.disk.founded();
      if (plan != null) {
        plans.add(plan);
      }
    }
    return plans;
  }

  boolean allKnowThePlan() {
    return nodes.values().stream().allMatch(node -> node.disk.founded() != null);
  }

  private void step(Node node) throws IOException {
    try {
      if (node.running == null) {
        if (!trouble || random.nextInt(20) == 0) {
          node.start();
        }
        return;
      }
      if (trouble && random.nextInt(300) == 0) {
        throw new Crash();
      }
      deliver(node, node.running);
      if (random.nextBoolean()) {
        node.running.tick(members(node));
      }
    } catch (Crash e) {
      node.running = null;
    }
  }

  private void deliver(Node node, Founding running) throws IOException {
    List<Letter> due = node.letters.stream().filter(letter -> letter.round() <= round).toList();
    node.letters.removeAll(due);
    for (Letter letter : due) {
      boolean arrives =
          !trouble || letter.message().from().equals(node.address) || random.nextInt(20) > 0;
      if (arrives) {
        running.receive(letter.message());
      }
    }
  }

  /** Whom a node takes for members: a part of all that changes now and then, later everybody. */
  private List<String> members(Node node) {
    if (!trouble) {
      return List.copyOf(nodes.keySet());
    }
    if (node.sees.isEmpty() || random.nextInt(40) == 0) {
      node.sees =
          nodes.keySet().stream()
              .filter(other -> other.equals(node.address) || random.nextInt(3) > 0)
              .toList();
    }
    return node.sees;
  }
}
