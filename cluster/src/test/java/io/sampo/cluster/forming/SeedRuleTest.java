package io.sampo.cluster.forming;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.forming.SeedRule.BeginCluster;
import io.sampo.cluster.forming.SeedRule.Decision;
import io.sampo.cluster.forming.SeedRule.JoinCluster;
import io.sampo.cluster.forming.SeedRule.KeepWaiting;
import io.sampo.cluster.forming.SeedRule.OtherCluster;
import io.sampo.cluster.forming.SeedRule.Presence;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SeedRuleTest {
  private static final List<String> SEEDS = List.of("a", "b", "c");
  private static final long FRESH_MS = 800;

  private static SeedRule of(String self) {
    return new SeedRule(self, SEEDS, FRESH_MS, true);
  }

  private static Presence there(String supports) {
    return new Presence("X", true, false, supports);
  }

  private static Presence member(String clusterId) {
    return new Presence(clusterId, true, true, "");
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

    assertThat(decide(b, () -> b.heard("c", there("b"), 900))).isEqualTo(BeginCluster.INSTANCE);
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

    assertThat(decide(a, () -> a.heard("b", there("a"), 100))).isInstanceOf(KeepWaiting.class);
  }

  @Test
  void aNodeWaitsForALowerOneThatIsThere() {
    SeedRule b = of("b");

    assertThat(decide(b, () -> b.heard("a", there("a"), 900)))
        .isEqualTo(new KeepWaiting("a to begin the cluster"));
  }

  @Test
  void aClusterIsNotBegunAgainstTheOtherSeeds() {
    SeedRule b = of("b");

    assertThat(decide(b, () -> b.heard("c", there("a"), 900))).isInstanceOf(KeepWaiting.class);
  }

  @Test
  void aClusterThatIsThereIsJoinedAtOnce() {
    SeedRule a = of("a");
    a.heard("b", there("a"), 0);
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
    SeedRule a = new SeedRule("a", SEEDS, FRESH_MS, false);

    assertThat(decide(a, () -> a.heard("b", new Presence("", false, true, ""), 900)))
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
                  a.heard("b", new Presence("", false, false, "a"), 900);
                  a.heard("c", new Presence("Y", true, false, "a"), 900);
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
    SeedRule alone = new SeedRule("a", List.of("a"), FRESH_MS, false);

    assertThat(alone.decide("", false, 0)).isEqualTo(BeginCluster.INSTANCE);
  }

  @Test
  void aNodeThatIsNoSeedNeverBeginsACluster() {
    SeedRule other = of("0");

    assertThat(decide(other, () -> SEEDS.forEach(seed -> other.heard(seed, there("a"), 900))))
        .isEqualTo(new KeepWaiting("a to begin the cluster"));
  }

  /** Whatever parts the network falls into, as long as it stays so, one cluster at most begins. */
  @Test
  void ofAllPartsAtMostOneBeginsACluster() {
    for (long seed = 1; seed <= 2000; seed++) {
      Random random = new Random(seed);
      TreeMap<String, SeedRule> nodes = new TreeMap<>();
      List<String> seeds = List.of("a", "b", "c", "d", "e").subList(0, 1 + random.nextInt(5));
      seeds.forEach(name -> nodes.put(name, new SeedRule(name, seeds, FRESH_MS, false)));
      Set<String> broken = new TreeSet<>();
      for (String from : seeds) {
        for (String to : seeds) {
          if (random.nextInt(3) == 0) {
            broken.add(from + to);
          }
        }
      }
      for (long now = 0; now < 3000; now += 200) {
        for (String from : seeds) {
          long at = now;
          String supports = nodes.computeIfAbsent(from, SeedRuleTest::of).supports("", false, at);
          nodes.forEach(
              (to, node) -> {
                if (!from.equals(to) && !broken.contains(from + to)) {
                  node.heard(from, new Presence("", false, false, supports), at);
                }
              });
        }
        nodes.values().forEach(node -> node.decide("", false, 0));
      }
      long beginners =
          nodes.values().stream()
              .filter(node -> node.decide("", false, 2900) == BeginCluster.INSTANCE)
              .count();
      assertThat(beginners).as("seed %d", seed).isLessThanOrEqualTo(1);
    }
  }
}
