package io.sampo.cluster.protocol;

import static io.sampo.cluster.protocol.Fixtures.A;
import static io.sampo.cluster.protocol.Fixtures.ABC;
import static io.sampo.cluster.protocol.Fixtures.B;
import static io.sampo.cluster.protocol.Fixtures.C;
import static io.sampo.cluster.protocol.Fixtures.D;
import static io.sampo.cluster.protocol.Fixtures.epoch;
import static io.sampo.cluster.protocol.Fixtures.log;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProtocolRulesTest {
  private final ProtocolRules rules = new ProtocolRules();

  @Test
  void aMajorityIsMoreThanHalfOfTheVotersAndNobodyElse() {
    assertThat(rules.isMajority(ABC, List.of(A))).isFalse();
    assertThat(rules.isMajority(ABC, List.of(A, A, A))).isFalse();
    assertThat(rules.isMajority(ABC, List.of(A, D))).isFalse();
    assertThat(rules.isMajority(ABC, List.of(A, C))).isTrue();
    Membership two = Membership.ofVoters(List.of(A, B));
    assertThat(rules.isMajority(two, List.of(A))).isFalse();
    assertThat(rules.isMajority(two, List.of(A, B))).isTrue();
    assertThat(rules.isMajority(Membership.ofVoters(List.of(A)), List.of(A))).isTrue();
  }

  @Test
  void theLaterEpochIsMoreAdvancedThanTheLongerLog() {
    assertThat(rules.moreAdvanced(4, 10, 3, 900)).isTrue();
    assertThat(rules.moreAdvanced(3, 900, 4, 10)).isFalse();
    assertThat(rules.moreAdvanced(3, 11, 3, 10)).isTrue();
    assertThat(rules.moreAdvanced(3, 10, 3, 10)).isFalse();
  }

  @Test
  void recordsOfEarlierEpochsAreCommittedOnlyWithOneOfTheOwnEpoch() {
    // Two of three hold 500, but the own epoch's record ends at 600.
    assertThat(rules.commit(new long[] {700, 500, 0}, 600, 100)).isEqualTo(100);
    assertThat(rules.commit(new long[] {700, 600, 0}, 600, 100)).isEqualTo(600);
    assertThat(rules.commit(new long[] {700, 0, 0}, 600, 650)).isEqualTo(650);
  }

  @Test
  void ofAnEvenNumberMoreThanHalfMustHoldIt() {
    assertThat(CommitQuorum.ofMajority(new long[] {9, 5})).isEqualTo(5);
    assertThat(CommitQuorum.ofMajority(new long[] {9, 7, 5, 1})).isEqualTo(5);
    assertThat(CommitQuorum.ofMajority(new long[] {9})).isEqualTo(9);
    assertThat(CommitQuorum.ofAll(new long[] {9, 7, 5})).isEqualTo(5);
  }

  @Test
  void theSamePositionOfAnotherEpochIsNoBeginning() {
    LogOutline source = log(900, epoch(1, 0), epoch(3, 400));
    assertThat(rules.isBeginning(source, 600, 3)).isTrue();
    assertThat(rules.isBeginning(source, 400, 1)).isTrue();
    assertThat(rules.isBeginning(source, 600, 2)).isFalse();
    assertThat(rules.isBeginning(source, 901, 3)).isFalse();
    assertThat(rules.isBeginning(source, 0, 0)).isTrue();
  }

  @Test
  void aTailIsCutWhereBothLogsCanPart() {
    // own: 1 from 0, 2 from 500, up to 950. The leader: 1 from 0 up to 600, then 3.
    LogOutline own = log(950, epoch(1, 0), epoch(2, 500));
    assertThat(rules.cutOf(own, 1, 600)).isEqualTo(500);
    // own: all of it epoch 1, of which the leader has less.
    assertThat(rules.cutOf(log(950, epoch(1, 0)), 1, 600)).isEqualTo(600);
    // The leader's epoch 2 is unknown here: nothing of it is common, wherever it ends.
    assertThat(rules.cutOf(log(950, epoch(1, 0), epoch(4, 700)), 2, 100)).isEqualTo(700);
    assertThat(rules.cutOf(log(950, epoch(1, 0)), 0, 0)).isZero();
  }

  @Test
  void onlyWhoKnowsMoreTellsACandidateThatItWasRemoved() {
    LogOutline own = log(900, epoch(1, 0));
    assertThat(rules.wasRemoved(own, D, 1, 800)).isTrue();
    assertThat(rules.wasRemoved(own, D, 1, 900)).isFalse();
    assertThat(rules.wasRemoved(own, D, 2, 10)).isFalse();
    assertThat(rules.wasRemoved(own, B, 1, 0)).isFalse();
  }

  @Test
  void twoMajoritiesOfMembershipsOneVoterApartShareAReplica() {
    List<ReplicaId> all = List.of(A, B, C, D, new ReplicaId("e", 1));
    for (int before = 1; before < 1 << all.size(); before++) {
      for (int after = 1; after < 1 << all.size(); after++) {
        if (Integer.bitCount(before ^ after) <= 1) {
          for (int left = 1; left < 1 << all.size(); left++) {
            int right = ~left & ((1 << all.size()) - 1);
            boolean both =
                rules.isMajority(Membership.ofVoters(some(all, before)), some(all, left))
                    && rules.isMajority(Membership.ofVoters(some(all, after)), some(all, right));
            assertThat(both).as("%x and %x, split by %x", before, after, left).isFalse();
          }
        }
      }
    }
  }

  private static List<ReplicaId> some(List<ReplicaId> all, int bits) {
    return all.stream().filter(each -> (bits >> all.indexOf(each) & 1) == 1).toList();
  }
}
