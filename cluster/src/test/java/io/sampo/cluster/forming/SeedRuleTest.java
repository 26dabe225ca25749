package io.sampo.cluster.forming;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.forming.SeedRule.BeginCluster;
import io.sampo.cluster.forming.SeedRule.Decision;
import io.sampo.cluster.forming.SeedRule.JoinCluster;
import io.sampo.cluster.forming.SeedRule.KeepWaiting;
import io.sampo.cluster.forming.SeedRule.OtherCluster;
import io.sampo.cluster.forming.SeedRule.Presence;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SeedRuleTest {
  private static final List<String> SEEDS = List.of("a", "b", "c");
  private static final long FRESH_MS = 800;
  private static final long BOUND_MS = 5000;
  private static final SeedRule.Times TIMES = new SeedRule.Times(FRESH_MS, BOUND_MS);
  private static final Presence NEW = new Presence("", false, false);
  private static final Presence THERE = new Presence("X", true, false);

  private static SeedRule of(String self) {
    return new SeedRule(self, SEEDS, TIMES, true);
  }

  private static SeedRule newNode(String self) {
    return new SeedRule(self, SEEDS, TIMES, false);
  }

  private static Presence member(String clusterId) {
    return new Presence(clusterId, true, true);
  }

  /** The node has just asked another one, which answers. */
  private static void answers(
      SeedRule rule, String from, Presence presence, String supports, long atMs) {
    rule.heard(from, presence, atMs);
    rule.answered(from, supports, atMs);
  }

  /** As it decides once it has waited for others. */
  private static Decision decide(SeedRule rule, Runnable hearing) {
    rule.decide("X", true, 0);
    hearing.run();
    return rule.decide("X", true, 1000);
  }

  @Test
  void theLowestOfAMajorityBeginsTheClusterOnceTheyAgree() {
    SeedRule b = of("b");

    assertThat(decide(b, () -> answers(b, "c", THERE, "b", 900))).isEqualTo(BeginCluster.INSTANCE);
    assertThat(b.supports("X", true, 1000)).isEqualTo("b");
  }

  @Test
  void nobodyBeginsAClusterWithoutAMajority() {
    SeedRule a = of("a");

    assertThat(decide(a, () -> {})).isInstanceOf(KeepWaiting.class);
  }

  @Test
  void whatWasHeardLongAgoDoesNotCount() {
    SeedRule a = of("a");

    assertThat(decide(a, () -> answers(a, "b", THERE, "a", 100))).isInstanceOf(KeepWaiting.class);
  }

  @Test
  void aNodeWaitsForALowerOneThatIsThere() {
    SeedRule b = of("b");

    assertThat(decide(b, () -> answers(b, "a", THERE, "a", 900)))
        .isEqualTo(new KeepWaiting("a to begin the cluster"));
  }

  @Test
  void aClusterIsNotBegunAgainstTheOtherSeeds() {
    SeedRule b = of("b");

    assertThat(decide(b, () -> answers(b, "c", THERE, "a", 900))).isInstanceOf(KeepWaiting.class);
  }

  @Test
  void aClusterThatIsThereIsJoinedAtOnce() {
    SeedRule a = of("a");
    answers(a, "b", THERE, "a", 0);
    a.heard("c", member("X"), 0);

    assertThat(a.decide("X", true, 0)).isEqualTo(new JoinCluster("c"));
  }

  @Test
  void aNodeWithDataOfAnotherClusterJoinsNone() {
    SeedRule a = of("a");

    assertThat(decide(a, () -> a.heard("b", member("Y"), 900)))
        .isEqualTo(new OtherCluster("b", "Y"));
  }

  /** The others' messages may have been sent a moment before they heard of the founding. */
  @Test
  void aNodeThatIsFoundedWhileItJoinsIsNoStranger() {
    SeedRule a = newNode("a");

    assertThat(decide(a, () -> a.heard("b", new Presence("", false, true), 900)))
        .isEqualTo(new KeepWaiting("b to know the plan"));
    a.heard("b", member("X"), 950);
    assertThat(a.decide("X", true, 1000)).isEqualTo(new JoinCluster("b"));
  }

  @Test
  void aNodeWithDataDoesNotCountOthersThatHaveNone() {
    SeedRule a = of("a");

    assertThat(
            decide(
                a,
                () -> {
                  answers(a, "b", NEW, "a", 900);
                  answers(a, "c", new Presence("Y", true, false), "a", 900);
                }))
        .isInstanceOf(KeepWaiting.class);
  }

  @Test
  void aNodeWithoutDataJoinsWhateverClusterItFinds() {
    SeedRule a = of("a");
    a.heard("b", member("Y"), 0);

    assertThat(a.decide("", false, 0)).isEqualTo(new JoinCluster("b"));
  }

  @Test
  void theOnlySeedNeedNotWait() {
    SeedRule alone = new SeedRule("a", List.of("a"), TIMES, false);

    assertThat(alone.decide("", false, 0)).isEqualTo(BeginCluster.INSTANCE);
  }

  @Test
  void whoHasAllSeedsBehindItNeedNotWait() {
    SeedRule a = newNode("a");
    answers(a, "b", NEW, "a", 0);
    answers(a, "c", NEW, "", 0);

    assertThat(a.decide("", false, 0)).isEqualTo(new KeepWaiting("who else is there"));
    answers(a, "c", NEW, "a", 10);
    assertThat(a.decide("", false, 10)).isEqualTo(BeginCluster.INSTANCE);
  }

  @Test
  void aNodeThatIsNoSeedNeverBeginsACluster() {
    SeedRule other = of("0");

    assertThat(decide(other, () -> SEEDS.forEach(seed -> answers(other, seed, THERE, "a", 900))))
        .isEqualTo(new KeepWaiting("a to begin the cluster"));
  }

  @Test
  void whoSupportsOneSupportsNoOtherMeanwhile() {
    SeedRule c = newNode("c");
    c.heard("b", NEW, 0);
    assertThat(c.supports("", false, 0)).isEqualTo("b");

    c.heard("a", NEW, 10);
    assertThat(c.supports("", false, 10)).isEmpty();
    c.heard("a", NEW, BOUND_MS + 1);
    assertThat(c.supports("", false, BOUND_MS + 1)).isEqualTo("a");
  }

  @Test
  void whoSupportsAnotherItselfNeedsNoSupportAnyMore() {
    SeedRule c = newNode("c");
    c.answered("b", "a", 0); // said before
    c.heard("b", NEW, 1);
    assertThat(c.supports("", false, 1)).isEqualTo("b");
    c.heard("a", NEW, 2);
    assertThat(c.supports("", false, 2)).isEmpty();

    c.answered("b", "", 3);
    assertThat(c.supports("", false, 3)).isEmpty();
    c.answered("b", "a", 4);
    assertThat(c.supports("", false, 4)).isEqualTo("a");
  }

  @Test
  void whoSupportsAnotherDoesNotBeginTheClusterItself() {
    SeedRule b = newNode("b");
    b.heard("a", NEW, 0);
    assertThat(b.supports("", false, 0)).isEqualTo("a");
    b.decide("", false, 0);

    answers(b, "c", NEW, "b", FRESH_MS + 1); // a is silent
    assertThat(b.decide("", false, FRESH_MS + 1))
        .isEqualTo(new KeepWaiting("what becomes of a, which this node supported before"));
    answers(b, "c", NEW, "b", BOUND_MS + 1);
    assertThat(b.decide("", false, BOUND_MS + 1)).isEqualTo(BeginCluster.INSTANCE);
  }

  @Test
  void supportCountsFromWhenItWasAskedFor() {
    SeedRule a = newNode("a");
    a.decide("", false, 0);
    a.heard("b", NEW, 2000);
    a.answered("b", "a", 1000); // long on its way

    assertThat(a.decide("", false, 2000)).isInstanceOf(KeepWaiting.class);
  }

  /** A message from one of the nodes below to another. */
  private record Sent(long dueMs, int number, String from, String to, Presence presence, Word word)
      implements Comparable<Sent> {
    @Override
    public int compareTo(Sent other) {
      return dueMs != other.dueMs
          ? Long.compare(dueMs, other.dueMs)
          : Integer.compare(number, other.number);
    }
  }

  /** What an answer says; of a question only the time counts. */
  private record Word(boolean answer, String supports, long askedMs) {}

  /**
   * Nodes that begin at any time, on a network of which parts don't hear each other, or late, and
   * that are themselves slow at times: one cluster at most begins, and one does if all hear all.
   */
  @Test
  void ofAllNodesAtMostOneBeginsACluster() {
    for (long seed = 1; seed <= 3000; seed++) {
      List<String> begun = new Simulated(seed).run();
      assertThat(begun).as("seed %d", seed).hasSizeLessThanOrEqualTo(1);
      if (seed % 2 == 0) {
        assertThat(begun).as("seed %d", seed).hasSize(1);
      }
    }
  }

  /** Seeds of even numbers have networks on which every message comes in the end. */
  private static final class Simulated {
    private static final long END_MS = 4500; // what is done afterwards isn't kept apart any more
    private final Random random;
    private final List<String> names;
    private final Set<String> broken = new TreeSet<>();
    private final TreeMap<String, SeedRule> nodes = new TreeMap<>();
    private final TreeMap<String, Long> startsMs = new TreeMap<>();
    private final Set<String> members = new TreeSet<>();
    private final List<String> begun = new ArrayList<>();
    private final PriorityQueue<Sent> sent = new PriorityQueue<>();
    private final boolean slow;
    private int number;

    Simulated(long seed) {
      random = new Random(seed);
      names = List.of("a", "b", "c", "d", "e").subList(0, 1 + random.nextInt(5));
      slow = seed % 2 == 1;
      for (String from : names) {
        startsMs.put(from, (long) random.nextInt(1500));
        for (String to : names) {
          if (slow && random.nextInt(4) == 0) {
            broken.add(from + to);
          }
        }
      }
    }

    List<String> run() {
      for (long now = 0; now < END_MS; now += 10) {
        while (!sent.isEmpty() && sent.peek().dueMs() <= now) {
          arrive(sent.remove(), now);
        }
        for (String name : names) {
          long age = now - startsMs.getOrDefault(name, 0L);
          if (age >= 0 && age % 200 < 10 && !(slow && random.nextInt(4) == 0)) {
            tick(name, now);
          }
        }
      }
      return begun;
    }

    private void tick(String name, long now) {
      nodes.computeIfAbsent(name, self -> new SeedRule(self, names, TIMES, false));
      if (!members.contains(name)) {
        names.forEach(to -> send(name, to, new Word(false, "", now), now));
        act(name, now);
      }
    }

    private void send(String from, String to, Word word, long now) {
      if (!from.equals(to) && !broken.contains(from + to)) {
        Presence presence = new Presence("", false, members.contains(from));
        long late =
            slow ? random.nextInt(random.nextInt(10) == 0 ? 1500 : 300) : random.nextInt(50);
        sent.add(new Sent(now + late, number++, from, to, presence, word));
      }
    }

    private void arrive(Sent message, long now) {
      SeedRule node = nodes.get(message.to());
      if (node == null) {
        return; // not there yet
      }
      node.heard(message.from(), message.presence(), now);
      if (message.word().answer()) {
        node.answered(message.from(), message.word().supports(), message.word().askedMs());
      } else {
        Word answer = new Word(true, node.supports("", false, now), message.word().askedMs());
        send(message.to(), message.from(), answer, now);
      }
      if (!members.contains(message.to())) {
        act(message.to(), now);
      }
    }

    private void act(String name, long now) {
      SeedRule node = nodes.get(name);
      Decision decision = node == null ? null : node.decide("", false, now);
      if (decision == BeginCluster.INSTANCE) {
        begun.add(name);
        members.add(name);
      } else if (decision instanceof JoinCluster) {
        members.add(name);
      }
    }
  }
}
