package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who takes out whom, for all that members can see of each other. */
class RefusalsTest {
  private static final long VALID_MS = 100;

  /** Of each bit of {@code graph} one direction between two members that is refused. */
  private static boolean refuses(int graph, int members, int from, int to) {
    return from != to && (graph >> (from * members + to) & 1) != 0;
  }

  private static Set<String> others(int members, int than) {
    return IntStream.range(0, members)
        .filter(each -> each != than)
        .mapToObj(Integer::toString)
        .collect(Collectors.toSet());
  }

  /** What one member knows when each tells its refusals to all that it reaches. */
  private static Refusals seenBy(int graph, int members, int member) {
    Refusals refusals = new Refusals(VALID_MS);
    for (int to = 0; to < members; to++) {
      if (refuses(graph, members, member, to)) {
        refusals.saw(Integer.toString(to));
      }
      for (int from = 0; from < members; from++) {
        if (from != member
            && refuses(graph, members, from, to)
            && !refuses(graph, members, from, member)) {
          refusals.heard(Integer.toString(to), Integer.toString(from), 0);
        }
      }
    }
    return refusals;
  }

  @Test
  void nobodyIsTakenOutOnOneWordOrByWhomMostRefuse() {
    for (int members = 3; members <= 4; members++) {
      for (int graph = 0; graph < 1 << (members * members); graph++) {
        for (int a = 0; a < members; a++) {
          Refusals refusals = seenBy(graph, members, a);
          for (int b = 0; b < members; b++) {
            if (a != b && refusals.haveEnded(Integer.toString(b), others(members, a), VALID_MS)) {
              assertJust(graph, members, a, b);
            }
          }
        }
      }
    }
  }

  private static void assertJust(int graph, int members, int a, int b) {
    long refusing =
        IntStream.range(0, members).filter(each -> refuses(graph, members, a, each)).count();
    assertThat(refuses(graph, members, a, b)).isTrue();
    assertThat((members - refusing) * 2).isGreaterThan(members);
    assertThat(
            IntStream.range(0, members)
                .anyMatch(
                    each ->
                        each != a
                            && !refuses(graph, members, a, each)
                            && refuses(graph, members, each, b)))
        .as("%s members, %s, %s takes out %s", members, Integer.toBinaryString(graph), a, b)
        .isTrue();
  }

  @Test
  void whoseProcessHasEndedIsTakenOutByAllThatAreLeftIfTheyAreAMajority() {
    for (int members = 2; members <= 5; members++) {
      for (int ended = 1; ended < 1 << members; ended++) {
        int graph = 0;
        Set<Integer> left = new HashSet<>();
        for (int each = 0; each < members; each++) {
          if ((ended >> each & 1) == 0) {
            left.add(each);
          }
        }
        for (int from : left) {
          for (int to = 0; to < members; to++) {
            graph |= (ended >> to & 1) << (from * members + to);
          }
        }
        for (int a : left) {
          for (int b = 0; b < members; b++) {
            boolean hasEnded = (ended >> b & 1) != 0;
            boolean sure = members == 2 || (left.size() * 2 > members && left.size() > 1);
            assertThat(
                    seenBy(graph, members, a)
                        .haveEnded(Integer.toString(b), others(members, a), VALID_MS))
                .as("%s of %s ended, %s of %s", Integer.toBinaryString(ended), members, b, a)
                .isEqualTo(hasEnded && sure);
          }
        }
      }
    }
  }

  @Test
  void whoIsCutOffByRefusalsInBothDirectionsTakesNobodyOut() {
    int graph = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6; // 0 to 1 and 2, and they to 0
    for (String other : Set.of("1", "2")) {
      assertThat(seenBy(graph, 3, 0).haveEnded(other, others(3, 0), 0)).isFalse();
    }
    assertThat(seenBy(graph, 3, 1).haveEnded("0", others(3, 1), 0)).isTrue();
  }

  @Test
  void whatWasSaidLongAgoOrTakenBackOrByWhoLeftDoesNotCount() {
    Refusals refusals = new Refusals(VALID_MS);
    Set<String> others = Set.of("b", "c");
    refusals.saw("c");
    refusals.heard("c", "b", 0);
    assertThat(refusals.haveEnded("c", others, VALID_MS)).isTrue();
    assertThat(refusals.haveEnded("c", others, VALID_MS + 1)).isFalse();
    refusals.heard("c", "b", VALID_MS);
    assertThat(refusals.haveEnded("c", others, VALID_MS + 1)).isTrue();
    refusals.tookBack("c");
    assertThat(refusals.haveEnded("c", others, VALID_MS + 1)).isFalse();
    refusals.saw("c");
    refusals.left("b");
    assertThat(refusals.haveEnded("c", Set.of("c", "d"), VALID_MS + 1)).isFalse();
  }
}
