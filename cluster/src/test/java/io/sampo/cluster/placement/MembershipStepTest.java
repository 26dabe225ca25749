package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.placement.MembershipStep.AddLearner;
import io.sampo.cluster.placement.MembershipStep.Change;
import io.sampo.cluster.placement.MembershipStep.Copy;
import io.sampo.cluster.placement.MembershipStep.Group;
import io.sampo.cluster.placement.MembershipStep.Settled;
import io.sampo.cluster.placement.MembershipStep.Wait;
import io.sampo.cluster.protocol.Membership;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One log group, by hand and by a model whose nodes come, go, and lose their disks. */
final class MembershipStepTest {
  private static final int SEEDS = 3_000;

  private static ReplicaId replica(String node, long disk) {
    return new ReplicaId(node, disk);
  }

  private static Group group(Membership membership, Map<ReplicaId, Copy> copies) {
    return new Group(membership, true, membership.voters().get(0), copies);
  }

  @Test
  void ofTwoVotersALostOneGoesBeforeAnotherLearns() {
    ReplicaId kept = replica("a", 1);
    ReplicaId lost = replica("b", 1);
    Membership both = Membership.ofVoters(List.of(kept, lost));

    MembershipStep step =
        MembershipStep.next(
            group(both, Map.of(kept, Copy.WORKS, lost, Copy.LOST)), Set.of("a", "b"), node -> true);

    assertThat(step)
        .isInstanceOfSatisfying(
            Change.class,
            change ->
                assertThat(change.membership()).isEqualTo(Membership.ofVoters(List.of(kept))));
  }

  @Test
  void aReplacedDiskLearnsFirstThenTheLostVoterGoesThenItVotes() {
    Membership now =
        Membership.ofVoters(List.of(replica("a", 1), replica("b", 1), replica("c", 1)));
    Map<ReplicaId, Copy> copies = new HashMap<>();
    copies.put(replica("a", 1), Copy.WORKS);
    copies.put(replica("c", 1), Copy.WORKS);
    copies.put(replica("b", 1), Copy.LOST);
    Set<String> wanted = Set.of("a", "b", "c");

    assertThat(MembershipStep.next(group(now, copies), wanted, node -> true))
        .isEqualTo(new AddLearner("b"));
    Membership learning = now.withLearner(replica("b", 2));
    assertThat(MembershipStep.next(group(learning, copies), wanted, node -> true))
        .isInstanceOf(Wait.class);
    copies.put(replica("b", 2), Copy.WORKS);
    Membership without = learning.without(replica("b", 1));
    assertThat(MembershipStep.next(group(learning, copies), wanted, node -> true))
        .isInstanceOfSatisfying(
            Change.class, change -> assertThat(change.membership()).isEqualTo(without));
    assertThat(MembershipStep.next(group(without, copies), wanted, node -> true))
        .isInstanceOfSatisfying(
            Change.class,
            change ->
                assertThat(change.membership()).isEqualTo(without.withVoter(replica("b", 2))));
  }

  @Test
  void theLeaderIsNotRemovedBeforeAnotherLeads() {
    Membership now = Membership.ofVoters(List.of(replica("a", 1), replica("b", 1)));
    Map<ReplicaId, Copy> copies = Map.of(replica("a", 1), Copy.WORKS, replica("b", 1), Copy.WORKS);

    assertThat(MembershipStep.next(group(now, copies), Set.of("b"), node -> true))
        .isInstanceOf(Wait.class);
  }

  @Test
  void oneChangeWaitsForTheOther() {
    Membership now = Membership.ofVoters(List.of(replica("a", 1)));

    assertThat(
            MembershipStep.next(
                new Group(now, false, replica("a", 1), Map.of(replica("a", 1), Copy.WORKS)),
                Set.of("a", "b"),
                node -> true))
        .isInstanceOf(Wait.class);
  }

  @Test
  void comesToWhatIsWantedWithoutEverLosingTheMajorityThatItHad() {
    int recovered = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      recovered += new Model(seed).run() ? 1 : 0;
    }
    assertThat(recovered).isGreaterThan(SEEDS / 2);
  }

  /** One log group on nodes that change, and a placement that changes its mind. */
  private static final class Model {
    private static final int NODES = 6;
    private static final String LEARNER = "n5";
    private static final int UNEASY_STEPS = 60;
    private static final int QUIET_STEPS = 60;

    private final long seed;
    private final Random random;
    private final TreeMap<String, Long> disks = new TreeMap<>();
    private final Set<String> down = new HashSet<>();
    private final Map<ReplicaId, Boolean> caughtUp = new HashMap<>();
    private final Set<ReplicaId> there = new HashSet<>();
    private Set<String> wanted;
    private Membership membership;
    private ReplicaId leader;
    private long diskNumber;
    private int learnersAdded;
    private String lastWait = "";

    Model(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      for (int i = 0; i < NODES; i++) {
        disks.put("n" + i, ++diskNumber);
      }
      List<ReplicaId> voters = new ArrayList<>();
      for (String node : pick(1 + random.nextInt(3))) {
        voters.add(add(node, true));
      }
      membership = Membership.ofVoters(voters);
      leader = voters.get(0);
      wanted = pick(voters.size());
    }

    private ReplicaId add(String node, boolean hasAll) {
      ReplicaId id = replica(node, ++diskNumber);
      there.add(id);
      caughtUp.put(id, hasAll);
      return id;
    }

    private Set<String> pick(int count) {
      List<String> all = new ArrayList<>(disks.keySet());
      Collections.shuffle(all, random);
      return Set.copyOf(all.subList(0, count));
    }

    private boolean works(ReplicaId id) {
      return there.contains(id) && !down.contains(id.node()) && caughtUp.getOrDefault(id, false);
    }

    private Copy copy(ReplicaId id) {
      if (!there.contains(id) && !down.contains(id.node())) {
        return Copy.LOST;
      }
      return works(id) ? Copy.WORKS : Copy.WEAK;
    }

    private long working(Membership of) {
      return of.voters().stream().filter(this::works).count();
    }

    /** Only a voter that works can lead, and only with a majority. */
    private @Nullable ReplicaId elect() {
      if (works(leader) && membership.isVoter(leader)) {
        return leader;
      }
      if (working(membership) < membership.majority()) {
        return null;
      }
      List<ReplicaId> candidates = membership.voters().stream().filter(this::works).toList();
      return candidates.get(random.nextInt(candidates.size()));
    }

    /** Returns whether there was anything to come back to. */
    boolean run() {
      for (int i = 0; i < UNEASY_STEPS; i++) {
        disturb();
        step();
      }
      down.clear();
      membership.members().forEach(id -> caughtUp.computeIfPresent(id, (same, was) -> true));
      if (isHopeless()) {
        return false; // too many disks were lost: nothing can be done, and nothing was
      }
      wanted = pick(1 + random.nextInt(3));
      learnersAdded = 0;
      for (int i = 0; i < QUIET_STEPS; i++) {
        membership.members().forEach(id -> caughtUp.computeIfPresent(id, (same, was) -> true));
        leader = movedLeader();
        step();
      }
      assertThat(nodesOf(membership.voters()))
          .as("seed %d, last waited for %s in %s", seed, lastWait, membership)
          .isEqualTo(wanted);
      assertThat(membership.voters()).as("seed %d", seed).allMatch(this::works);
      assertThat(nodesOf(membership.learners())).as("seed %d", seed).isEqualTo(learning());
      assertThat(membership.learners()).as("seed %d", seed).allMatch(this::works);
      assertThat(learnersAdded).as("seed %d: moves", seed).isLessThanOrEqualTo(wanted.size() + 1);
      return true;
    }

    private boolean isHopeless() {
      boolean hasMajority = working(membership) >= membership.majority();
      boolean wouldHave =
          membership.voters().stream()
              .filter(voter -> copy(voter) == Copy.LOST)
              .map(membership::without)
              .anyMatch(rest -> working(rest) >= rest.majority());
      return elect() == null || !(hasMajority || wouldHave);
    }

    /** What the placement of leaders does with one that is not wanted. */
    private ReplicaId movedLeader() {
      return membership.voters().stream()
          .filter(voter -> wanted.contains(voter.node()) && works(voter))
          .findFirst()
          .orElse(leader);
    }

    private void disturb() {
      String node = "n" + random.nextInt(NODES);
      switch (random.nextInt(8)) {
        case 0 -> down.add(node);
        case 1, 2 -> down.remove(node);
        case 3 -> {
          if (random.nextInt(4) == 0) {
            there.removeIf(id -> id.node().equals(node));
          }
        }
        case 4 -> wanted = pick(1 + random.nextInt(3));
        case 5 -> leader = movedLeader();
        default ->
            membership.members().forEach(id -> caughtUp.computeIfPresent(id, (same, was) -> true));
      }
    }

    private void step() {
      ReplicaId elected = elect();
      if (elected == null) {
        return;
      }
      leader = elected;
      Map<ReplicaId, Copy> copies = new HashMap<>();
      membership.members().forEach(id -> copies.put(id, copy(id)));
      MembershipStep step =
          MembershipStep.next(
              new Group(membership, true, leader, copies),
              wanted,
              learning(),
              node -> !down.contains(node));
      if (step instanceof AddLearner add) {
        assertThat(working(membership))
            .as("seed %d: the record must be committed", seed)
            .isGreaterThanOrEqualTo(membership.majority());
        learnersAdded++;
        membership = membership.withLearner(add(add.node(), false));
      } else if (step instanceof Change change) {
        check(change.membership());
        membership = change.membership();
        there.removeIf(id -> isDiscarded(id));
      } else if (step instanceof Wait wait) {
        lastWait = wait.reason();
      } else if (step instanceof Settled) {
        assertThat(nodesOf(membership.voters())).as("seed %d", seed).isEqualTo(wanted);
      }
    }

    /** The one that only learns, unless it is among those that should vote. */
    private Set<String> learning() {
      return wanted.contains(LEARNER) ? Set.of() : Set.of(LEARNER);
    }

    private boolean isDiscarded(ReplicaId id) {
      return !membership.isMember(id) && !down.contains(id.node());
    }

    private void check(Membership next) {
      String told =
          "seed %d: from %s to %s, led by %s, working %s"
              .formatted(
                  seed,
                  membership,
                  next,
                  leader,
                  membership.members().stream().filter(this::works).toList());
      assertThat(membership.votersApart(next)).as(told).isLessThanOrEqualTo(1);
      assertThat(next.voters()).as(told).isNotEmpty();
      assertThat(working(next)).as(told).isGreaterThanOrEqualTo(next.majority());
      for (ReplicaId voter : next.voters()) {
        assertThat(membership.isVoter(voter) || wanted.contains(voter.node()))
            .as("%s: who only learns doesn't vote", told)
            .isTrue();
        assertThat(membership.isVoter(voter) || works(voter)).as(told).isTrue();
      }
      for (ReplicaId voter : membership.voters()) {
        if (!next.isVoter(voter) && copy(voter) != Copy.LOST) {
          assertThat(voter).as(told).isNotEqualTo(leader);
          assertThat(nodesOf(next.voters().stream().filter(this::works).toList()))
              .as(told)
              .containsAll(wanted);
        }
      }
    }

    private static Set<String> nodesOf(List<ReplicaId> replicas) {
      return replicas.stream().map(ReplicaId::node).collect(Collectors.toSet());
    }
  }
}
